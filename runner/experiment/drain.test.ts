import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fakeSetting } from '../../test/fixtures/fake/testbed.ts'
import { response, startShop } from '../../test/fixtures/shop-server.ts'
import { shopJourney } from '../../test/fixtures/shop.ts'
import type { Load } from '../load/load.ts'
import { CLOCK } from './clock.ts'
import { drain } from './drain.ts'
import { runTrial } from './trial.ts'

const PLANNED = { arm: 'pooled', index: 0, order: 0 }

test('a slow host has no queue only because its answers take more than a tenth of a short time-out', async (t) => {
  const { url } = await startShop(t, (socket) => {
    setTimeout(() => socket.write(response(200, '{"items":[]}', '')), 60)
    return true
  })
  const load = { apply: () => Promise.resolve() } as unknown as Load
  const { signal } = new AbortController()
  const of = { clock: CLOCK, load, url, timeoutMs: 500, journey: shopJourney, signal }
  assert.equal(await drain(of), true)
})

test('a queue that never ends is waited for no longer than twelve time-outs, and it is said', async (t) => {
  const timeoutMs = 5
  const { setting, events } = await fakeSetting(t, {
    arms: {
      pooled: {
        responseMs: (users) => (users === 2 ? timeoutMs : 1),
        isDeaf: (stages) => stages === 2,
      },
    },
    configuration: { users: [1, 2, 1], timeoutMs },
  })
  const [pooled] = setting.testbed.arms
  assert.ok(pooled)
  const trial = await runTrial(PLANNED, pooled, setting)
  assert.equal(trial.state, 'complete')
  assert.equal(trial.notes?.length, 1)
  assert.match(trial.notes[0] ?? '', /queue that the stage of 2 users left was not empty/)
  assert.deepEqual(
    events.filter((event) => event.endsWith(' users') && !event.startsWith('ramp')),
    ['1 users', '2 users', '0 users', '1 users'],
    'all users are let go before the next stage',
  )
})

/** A service that works through all it was sent, one after another, whoever still waits for it. */
function queueing(workMs: number) {
  let last = Promise.resolve()
  return (socket: Socket, { path }: { path: string }, answer: () => string): boolean => {
    if (path === '/healthz') return false
    last = last
      .then(() => delay(workMs))
      .then(() => void (socket.destroyed || socket.write(answer())))
    return true
  }
}

test('after an overload in which every request timed out, what is still queued is waited for', async (t) => {
  const { url } = await startShop(t, queueing(60))
  // Real users in real time: 34 of them wait 2 s each for a service that is given 1 s.
  const { setting } = await fakeSetting(t, {
    arms: { pooled: { open: { url } } },
    configuration: {
      users: [1, 34],
      thinkMs: { min: 100, max: 100 },
      timeoutMs: 1_000,
      holdS: 1,
      warmUpS: 2,
      control: true,
    },
  })
  const [pooled] = setting.testbed.arms
  assert.ok(pooled)
  const trial = await runTrial(PLANNED, pooled, { ...setting, clock: CLOCK, loaders: null })
  const [first, dead, control] = trial.stages
  assert.equal(dead?.all.meanMs, null, 'nothing was answered in time')
  assert.equal(control?.kind, 'control')
  assert.equal(control.outcomes.failed, 0)
  assert.ok((control.all.meanMs ?? Infinity) < 3 * (first?.all.meanMs ?? 0))
  assert.equal(trial.notes, undefined)
})
