import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { simulatedRun } from '../fixtures/simulated-run.ts'
import { type RawRequest, response, startShop } from '../fixtures/shop-server.ts'
import { judgementFor } from '../../runner/cli/prepare.ts'
import type { Configuration } from '../../runner/measurement/run.ts'
import type { Trial } from '../../runner/measurement/trial.ts'
import type { Arm } from '../../runner/plan/arms.ts'
import type { Counters, PartCounters } from '../../runner/telemetry/counters.ts'
import type { OpenArm, Testbed } from '../../runner/testbed/testbed.ts'
import { runTrial, type TrialSetting } from '../../runner/experiment/trial.ts'

const ARM: Arm = { name: 'pooled', mode: null, entry: null, environment: {}, groups: [] }
const PLANNED = { arm: 'pooled', index: 0, order: 0 }
const CONFIGURATION: Configuration = {
  ...simulatedRun().configuration,
  users: [2, 3, 4],
  thinkMs: { min: 10, max: 20 },
  warmUpS: 0.1,
  holdS: 1,
  timeoutMs: 1_000,
  search: false,
}

type Scene = Readonly<{
  configuration?: Partial<Configuration>
  /** Of the service: null leaves the answer as it is. @param stages that are over */
  answer?: (request: RawRequest, stages: number, socket: Socket, answer: () => string) => boolean
  /** @param stages that are over */
  read?: (stages: number) => Counters
  open?: Partial<OpenArm>
  setting?: Partial<TrialSetting>
  /** @param stages that are over, with this one */
  kept?: (stages: number) => void
}>

/** `/healthz` as the arm's own process answers it. */
const proof = (arm: string, instance: string): string =>
  response(200, '{}', `X-Samehost-Arm: ${arm}\r\nX-Samehost-Instance: ${instance}\r\n`)

/** A trial against a shop on loopback: real load, stages and proofs. */
async function trialOf(t: TestContext, scene: Scene = {}): Promise<Trial> {
  let stages = 0
  const shop = await startShop(t, (socket, request, answer) => {
    if (scene.answer?.(request, stages, socket, answer) === true) return true
    if (request.path !== '/healthz') return false
    return socket.write(proof('pooled', 'a1'))
  })
  const configuration = { ...CONFIGURATION, ...scene.configuration }
  const testbed: Testbed = {
    kind: 'compose',
    label: 'a shop',
    arms: [ARM],
    given: () => ({}),
    database: null,
    databaseOf: () => null,
    hosts: null,
    open: () =>
      Promise.resolve({
        url: shop.url,
        observer: { read: () => Promise.resolve(scene.read?.(stages) ?? {}) },
        version: null,
        startedAt: null,
        died: () => Promise.resolve(null),
        close: () => Promise.resolve(),
        ...scene.open,
      }),
    environment: () => Promise.reject(new Error('not asked')),
    close: () => Promise.resolve(),
  }
  const judgement = await judgementFor(configuration)
  return await runTrial(PLANNED, ARM, {
    testbed,
    configuration,
    cores: 2,
    judgement: { ...judgement, checkContract: () => Promise.resolve([]) },
    loaders: null,
    connections: null,
    idleDelayP99Ms: 1_000,
    earlier: [],
    tell: () => {},
    keep: () => {
      stages += 1
      scene.kept?.(stages)
      return Promise.resolve()
    },
    signal: new AbortController().signal,
    ...scene.setting,
  })
}

/** Of each stage the failed checks of these: what a busy machine does to the load is not asked here. */
const checks = ({ stages }: Trial): string[][] =>
  stages.map(({ validity }) =>
    validity.reasons.flatMap(({ check }) => (check === 'trial' || check === 'limits' ? check : [])),
  )

test('a sound trial is proved before its first stage and after each', async (t) => {
  const trial = await trialOf(t)
  assert.equal(trial.state, 'complete')
  assert.equal(trial.identity?.proofs, 4)
  assert.equal(trial.identity.heldStages, 3)
  assert.ok(checks(trial).every((failed) => !failed.includes('trial')))
  assert.equal(trial.notes, undefined)
})

for (const [who, arm, instance, says] of [
  ['another arm', 'floor', 'b2', /^Not pooled but floor/],
  ['another process', 'pooled', 'a2', /^Another process of pooled/],
] as const)
  test(`${who} that answers after the second stage: that stage is not kept, and no stage stands`, async (t) => {
    const trial = await trialOf(t, {
      answer: ({ path }, stages, socket) =>
        path === '/healthz' && stages >= 1 && socket.write(proof(arm, instance)),
    })
    assert.deepEqual([trial.state, trial.abortedBy], ['aborted', 'identity'])
    assert.match(trial.problem ?? '', says)
    assert.deepEqual(checks(trial), [['trial']])
  })

test('the signal in the second stage: the first stands, since it was proved after it', async (t) => {
  const controller = new AbortController()
  const trial = await trialOf(t, {
    setting: { signal: controller.signal },
    kept: () => controller.abort(),
  })
  assert.deepEqual([trial.state, trial.abortedBy], ['aborted', 'other'])
  assert.equal(trial.problem, 'Interrupted.')
  assert.equal(trial.stages.length, 1)
  assert.ok(!checks(trial).flat().includes('trial'))
})

test('a service that cannot be asked after a stage, and then the signal: that stage does not stand', async (t) => {
  const controller = new AbortController()
  const trial = await trialOf(t, {
    answer: ({ path }, stages, socket) => {
      if (path !== '/healthz' || stages < 1) return false
      socket.destroy()
      return true
    },
    setting: { signal: controller.signal },
    kept: (stages) => stages === 2 && controller.abort(),
  })
  assert.equal(trial.stages.length, 2)
  assert.ok(!checks(trial)[0]?.includes('trial'))
  assert.deepEqual(checks(trial)[1], ['trial'])
})

test('an arm that dies: the stage in which it did is shown, and does not stand', async (t) => {
  let read = 0
  const trial = await trialOf(t, {
    open: { died: () => Promise.resolve((read += 1) > 1 ? 'exit code 1' : null) },
  })
  assert.match(trial.problem ?? '', /^It ended at 3 users: exit code 1/)
  assert.equal(trial.abortedBy, 'other')
  assert.equal(trial.stages.length, 2)
  assert.ok(!checks(trial)[0]?.includes('trial'))
  assert.deepEqual(checks(trial)[1], ['trial'])
})

test('an error that nobody waited for is the problem of the trial, with the stages it has', async (t) => {
  const controller = new AbortController()
  const trial = await trialOf(t, {
    setting: { signal: controller.signal },
    kept: () => controller.abort(new Error('A loader said nothing.')),
  })
  assert.deepEqual([trial.state, trial.problem], ['aborted', 'A loader said nothing.'])
  assert.equal(trial.stages.length, 1)
})

test('an arm that cannot be closed loses no trial, and it is said', async (t) => {
  const trial = await trialOf(t, {
    open: { close: () => Promise.reject(new Error('no such process')) },
  })
  assert.equal(trial.state, 'complete')
  assert.deepEqual(trial.notes, ['it could not be closed: no such process'])
})

const FREE = {
  cpuUs: 0,
  periods: null,
  throttledPeriods: null,
  memoryBytes: 1,
  networkRxBytes: null,
  networkTxBytes: null,
  restarts: 0,
  oomKills: 0,
}
/** A part that uses half a core. */
const part = (cores: number | null, memoryLimitBytes: number | null = null): PartCounters => {
  const atMs = performance.now()
  const cpuLimit = cores === null ? null : { cores, periodUs: 10_000 }
  return { ...FREE, atMs, cpuUs: 500 * atMs, cpuLimit, memoryLimitBytes }
}

for (const [what, changed, says] of [
  [
    'the CPU limit of the app',
    { app: part(0.1, 512e6), db: part(1) },
    /app.*: 0\.1 cores by 10000 us, 512 MB, and before that 0\.5 cores/,
  ],
  [
    'no limit on the database any more',
    { app: part(0.5, 512e6), db: part(null) },
    /db.*: no CPU limit/,
  ],
  ['the memory limit of the app', { app: part(0.5, 64e6), db: part(1) }, /app.*64 MB.*512 MB/],
] as const)
  test(`somebody sets ${what} in the second stage: it and the next are INVALID`, async (t) => {
    const trial = await trialOf(t, {
      read: (stages) => {
        const now = stages === 0 ? { app: part(0.5, 512e6), db: part(1) } : changed
        const atMs = performance.now()
        return {
          app: { ...now.app, atMs, cpuUs: 500 * atMs },
          db: { ...now.db, atMs, cpuUs: 500 * atMs },
        }
      },
    })
    assert.equal(trial.state, 'complete')
    assert.deepEqual(trial.limits?.app, { cores: 0.5, periodUs: 10_000, memoryMb: 512 })
    assert.deepEqual(checks(trial), [[], ['limits'], ['limits']])
    const found = trial.stages[1]?.validity.reasons.find(({ check }) => check === 'limits')
    assert.match(found?.text ?? '', says)
  })

test('a limit that was another in an earlier trial of the arm is found, where the runner sets none', async (t) => {
  const earlier = await trialOf(t, { read: () => ({ app: part(0.5) }) })
  const read = () => ({ app: part(1) })
  const trial = await trialOf(t, { read, setting: { earlier: [earlier] } })
  assert.deepEqual(checks(trial), [['limits'], ['limits'], ['limits']])
})

test('counters that go away in mid-trial are said, by part and by stage', async (t) => {
  const trial = await trialOf(t, {
    read: (stages): Counters => (stages < 1 ? { app: part(0.5), db: part(1) } : {}),
  })
  assert.equal(trial.state, 'complete')
  assert.equal(trial.notes?.length, 1)
  assert.match(trial.notes[0] ?? '', /stages of 3, 4 users: CPU, limits and restarts of app, db/)
})

/**
 * A service that works through all it was sent, one after another, whoever still waits for it.
 *
 * @param workMs for each request
 */
function queueing(workMs: number): NonNullable<Scene['answer']> {
  let last = Promise.resolve()
  return ({ path }, _, socket, answer) => {
    if (path === '/healthz') return false
    last = last
      .then(() => delay(workMs))
      .then(() => void (socket.destroyed || socket.write(answer())))
    return true
  }
}

test('after an overload in which every request timed out, what is still queued is waited for', async (t) => {
  const trial = await trialOf(t, {
    configuration: {
      users: [1, 34],
      thinkMs: { min: 100, max: 100 },
      timeoutMs: 1_000,
      holdS: 2,
      warmUpS: 2,
      control: true,
    },
    answer: queueing(60),
  })
  const [first, dead, control] = trial.stages
  assert.equal(dead?.all.meanMs, null, 'nothing was answered in time')
  assert.equal(control?.kind, 'control')
  assert.equal(control.outcomes.failed, 0)
  assert.ok((control.all.meanMs ?? Infinity) < 3 * (first?.all.meanMs ?? 0))
  assert.equal(trial.notes, undefined)
})

test('a queue that never ends is waited for no longer than twelve time-outs, and it is said', async (t) => {
  const answer: Scene['answer'] = ({ path }, stages) => path !== '/healthz' && stages >= 1
  const trial = await trialOf(t, {
    configuration: { users: [1, 2, 1], timeoutMs: 200 },
    answer,
  })
  assert.equal(trial.state, 'complete')
  assert.match(trial.notes?.[0] ?? '', /queue that the stage of 2 users left was not empty/)
})
