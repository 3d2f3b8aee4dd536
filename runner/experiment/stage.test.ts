import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock } from '../../test/fixtures/fake/clock.ts'
import { fakeLoad } from '../../test/fixtures/fake/load.ts'
import { loadOf } from '../../test/fixtures/load-window.ts'
import { startShop } from '../../test/fixtures/shop-server.ts'
import type { Second } from '../measurement/figures.ts'
import { CLOCK } from './clock.ts'
import type { Observer } from '../telemetry/counters.ts'
import { measureStage } from './stage.ts'

const THINK_MS = { min: 20, max: 20 }
const BLIND: Observer = { read: () => Promise.resolve({}) }

type Decide = (seconds: readonly Second[], thinkMs: number) => boolean

async function stageOf(isSettled: Decide, isPrecise: Decide) {
  const clock = fakeClock()
  const by = { clock, thinkMs: THINK_MS, timeoutMs: 1000, responseMs: () => 5, tell: () => {} }
  const load = fakeLoad(by)
  const plan = {
    kind: 'ramp',
    users: 4,
    thinkMs: THINK_MS,
    warmUpMs: 200,
    warmUpMostMs: 2200,
    holdMs: 500,
    holdMostMs: 3500,
  } as const
  const { stage } = await measureStage(plan, {
    clock,
    load,
    observer: BLIND,
    connections: null,
    idleDelayP99Ms: 1,
    onReading: () => {},
    isSettled,
    isPrecise,
    signal: new AbortController().signal,
  })
  return stage
}

test('a stage that is settled and precise takes the least of both', async () => {
  let asked = 0
  const { warmUpS, holdS } = await stageOf(
    () => true,
    () => {
      asked += 1
      return true
    },
  )
  assert.equal(warmUpS, 0.2)
  assert.equal(holdS, 0.5)
  assert.equal(asked, 1, 'the window did not grow')
})

test('a warm-up grows until it is settled, by the seconds so far; a window until it is precise', async () => {
  const given: number[] = []
  const counts: number[] = []
  const after = (count: number): Decide => {
    return (seconds, thinkMs) => {
      given.push(thinkMs)
      counts.push(seconds.length)
      return seconds.length >= count && seconds.some(({ requests }) => requests > 0)
    }
  }
  const { warmUpS, holdS, outcomes } = await stageOf(after(1), after(2))
  assert.equal(warmUpS, 1.2)
  assert.equal(holdS, 2.5)
  assert.ok((counts.at(-1) ?? 0) >= 2 && (counts.at(-2) ?? 2) < 2, counts.join())
  assert.ok(outcomes.sent > 0 && outcomes.inFlight === 0)
  assert.deepEqual(new Set(given), new Set([20]))
})

test('neither grows past its most', async () => {
  let asked = 0
  const { warmUpS, holdS } = await stageOf(
    () => false,
    () => {
      asked += 1
      return false
    },
  )
  assert.equal(warmUpS, 2.2)
  assert.equal(holdS, 3.5)
  assert.equal(asked, 3, 'after the least, and a second and two later')
})

test('the signal ends a stage that waits for its last answers', async (t) => {
  // It answers nothing: to their ends its requests would take their whole time-out.
  const server = await startShop(t, () => true)
  const load = loadOf(t, server.url, { thinkMs: THINK_MS, timeoutMs: 600_000 })
  const ending = new AbortController()
  const stage = measureStage(
    {
      kind: 'ramp',
      users: 4,
      thinkMs: THINK_MS,
      warmUpMs: 200,
      warmUpMostMs: 200,
      holdMs: 200,
      holdMostMs: 200,
    },
    {
      clock: CLOCK,
      load: {
        ...load,
        closeWindow: () => {
          const closing = load.closeWindow()
          ending.abort(new Error('interrupted'))
          return closing
        },
      },
      observer: BLIND,
      connections: null,
      idleDelayP99Ms: 1,
      onReading: () => {},
      isSettled: () => true,
      isPrecise: () => true,
      signal: ending.signal,
    },
  )
  await assert.rejects(stage, /interrupted/)
})
