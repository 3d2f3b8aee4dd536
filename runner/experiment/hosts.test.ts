import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startShop } from '../../test/fixtures/shop-server.ts'
import { simulatedRun, STUDY } from '../../test/fixtures/simulated-run.ts'
import type { Trial } from '../measurement/trial.ts'
import { limitsAt } from '../plan/hosts.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { fitHosts, type FittingEvent } from './hosts.ts'
import { SHOP } from '../../test/fixtures/shop.ts'

const ARM = { name: 'fastapi-pooled' }
/**
 * 40 users who never pause, and answers after 0.4 s: 100 requests/s. Little less than the study's, so that a busy machine
 * that answers later is not taken for one that stood still.
 */
const ANSWER_MS = 400
const SERVED_PER_S = 100

/** As fast as the study has it, by the fit and by the pilot of the round before. */
const GOAL_PER_S = STUDY.hosts.ceilingPerS

const FIT = {
  from: 'arm',
  arm: ARM.name,
  ceilingPerS: GOAL_PER_S,
  yardstickMs: 3,
  yardstickSpeed: null,
} as const
const BEFORE = limitsAt(0.1)

function testbedOf(
  open: (arm: unknown, signal?: AbortSignal) => Promise<unknown>,
  limits: string[] = [],
): Testbed {
  const hosts = {
    setLimits(name: string, { cores }: { cores: number }) {
      limits.push(`${name === ARM.name ? 'app' : name} ${cores}`)
      return Promise.resolve()
    },
  }
  return { arms: [ARM], databaseOf: () => null, open, hosts } as unknown as Testbed
}

/** The hosts of the next trial, of this index, after one of index 0 whose pilot saw what the fit had seen. */
async function fit(
  testbed: Testbed,
  index: number,
  {
    eachTrial = true,
    signal = new AbortController().signal,
  }: { eachTrial?: boolean; signal?: AbortSignal } = {},
) {
  const [simulated] = simulatedRun().trials
  assert.ok(simulated)
  const { speed, appCores, dbCores } = BEFORE
  const pilot = { speed, ceilingPerS: GOAL_PER_S }
  const hosts = { kind: STUDY.id, ...BEFORE, fit: { ...FIT, eachTrial } } as const
  const trial: Pick<Trial, 'index' | 'hosts'> = { index }
  const events: FittingEvent[] = []
  await fitHosts(trial, {
    testbed,
    scenario: SHOP,
    configuration: { ...simulatedRun().configuration, hosts },
    studied: STUDY.hosts,
    cores: 2,
    earlier: [{ ...simulated, index: 0, hosts: { speed, appCores, dbCores, pilot } }],
    tell: (event) => events.push(event),
    signal,
  })
  return { hosts: trial.hosts, kinds: events.map(({ kind }) => kind) }
}

test('before each trial the fitted arm is tried again; a new round gets the speed that it says, a round keeps its own', async (t) => {
  const server = await startShop(t, (socket, _, answer) => {
    setTimeout(() => socket.write(answer()), ANSWER_MS)
    return true
  })
  /** What a trial gets, with the limits that were set on the way and what was said. */
  const fitted = async (index: number, eachTrial: boolean) => {
    const limits: string[] = []
    const testbed = testbedOf(
      () => Promise.resolve({ url: server.url, close: () => Promise.resolve() }),
      limits,
    )
    return { ...(await fit(testbed, index, { eachTrial })), limits }
  }

  const [same, next, not] = await Promise.all([fitted(0, true), fitted(1, true), fitted(1, false)])
  assert.equal(same.hosts?.speed, 0.1)
  assert.deepEqual(same.kinds, ['pilot-started', 'hosts-fitted'])
  // Full cores to start with, then the pilot’s hosts.
  assert.deepEqual(same.limits, ['app 1', 'db 1', 'app 0.1', 'db 0.2'])
  // A busy machine answers later, never sooner.
  const seen = next.hosts?.pilot?.ceilingPerS ?? Number.NaN
  assert.ok(seen > SERVED_PER_S / 2 && seen < SERVED_PER_S * 1.05, `${seen} requests/s`)

  // The last three: the goal twice and what was seen, each with 0.1 of a core.
  const expected = (GOAL_PER_S * 0.1) / ((2 * GOAL_PER_S + seen) / 3)
  const got = next.hosts?.speed ?? Number.NaN
  assert.ok(got > 0.1 && Math.abs(got - expected) <= 0.001, `${got}, not ${expected}`)
  assert.equal(next.hosts?.dbCores, 2 * (next.hosts?.appCores ?? 0))
  assert.deepEqual(
    not,
    { hosts: undefined, limits: [], kinds: [] },
    'a run of one fit has no pilot',
  )
})

test('a pilot that fails costs no trial: its hosts are by earlier pilots, and it says why', async () => {
  const dead = testbedOf(() => Promise.reject(new Error('fastapi-pooled does not run')))
  for (const index of [0, 1]) {
    const { hosts, kinds } = await fit(dead, index)
    assert.equal(hosts?.speed, 0.1)
    assert.equal(hosts.pilot, undefined)
    assert.equal(hosts.pilotProblem, 'fastapi-pooled does not run')
    assert.deepEqual(kinds, ['pilot-started', 'hosts-fitted'])
  }
})

test('the signal ends a pilot that waits for its database, or for its arm', async () => {
  const database = { recreate: () => new Promise(() => {}) }
  const unready = testbedOf(
    (_, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error))
      }),
  )
  for (const testbed of [
    unready,
    { ...unready, databaseOf: () => database } as unknown as Testbed,
  ]) {
    const stop = new AbortController()
    const pilot = fit(testbed, 1, stop)
    await delay(20)
    stop.abort()
    await assert.rejects(pilot, { name: 'AbortError' })
  }
})
