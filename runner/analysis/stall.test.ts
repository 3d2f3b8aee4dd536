import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClosedLoop } from '../../test/fixtures/closed-loop.ts'
import { closedLoopStage } from '../../test/fixtures/closed-loop-stage.ts'
import { mostLost } from './stall.ts'
import { judge, unchecked } from './validity.ts'
import { seeded } from '../../test/fixtures/random.ts'

/** 480 requests/s at most, so 2 ms below the knee; it crosses 100 ms at 288 users. */
const BASE = { serviceMs: 1000 / 480, thinkMs: 500, warmUpS: 6, users: 40, holdS: 4 }

function stalled(loop: Partial<ClosedLoop>): boolean {
  const stage = closedLoopStage({ ...BASE, ...loop }, seeded(3), 'probe')
  const { reasons } = judge(stage, { mode: 'pooled' })
  return reasons.some(({ check }) => check === 'stall')
}

for (const users of [40, 160, 288, 384])
  for (const holdS of [3, 4, 5, 12, 25])
    test(`a sound window of ${holdS} s at ${users} users is no stall`, () => {
      assert.equal(stalled({ users, holdS }), false)
    })

const WINDOWS = 100
/** Of so many windows of a loop in which a stall was found, the service standing still somewhere for so long. */
function found(loop: Partial<ClosedLoop>, forS = 0): number {
  const random = seeded(41)
  const { holdS } = { ...BASE, ...loop }
  const windows = Array.from({ length: WINDOWS }, () => {
    const stopped = forS === 0 ? {} : { stopped: { atS: random() * (holdS - forS), forS } }
    const stage = closedLoopStage({ ...BASE, ...loop, ...stopped }, random, 'probe')
    return judge(stage, { mode: 'pooled' }).reasons.some(({ check }) => check === 'stall')
  })
  return windows.filter(Boolean).length
}

for (const [users, thinkMs, thinkSpread, holdS, serviceMs] of [
  [40, 5000, 0, 15, BASE.serviceMs],
  [40, 5000, 0.5, 15, BASE.serviceMs],
  [100, 5000, 0.5, 7, BASE.serviceMs],
  [100, 10_000, 0.5, 12, BASE.serviceMs],
  [300, 10_000, 0.5, 5, BASE.serviceMs],
  [40, 3000, 2 / 3, 12, BASE.serviceMs],
  [20, 2000, 0.5, 12, BASE.serviceMs],
  [20, 1000, 1, 7, BASE.serviceMs],
  [1, 0, 0, 12, 100],
  [20, 500, 0.5, 3, BASE.serviceMs],
  [900, 500, 0.5, 5, BASE.serviceMs],
] as const)
  test(`of ${WINDOWS} sound windows of ${holdS} s at ${users} users who think ${thinkMs} ms ± ${thinkSpread} at most one is a stall`, () => {
    const loop = { users, thinkMs, thinkSpread, holdS, serviceMs }
    const alarms = found({ ...loop, warmUpS: Math.max(6, (2 * thinkMs) / 1000) })
    assert.ok(alarms <= WINDOWS / 100, `${alarms} are`)
  })

for (const forS of [0.8, 1.2, 2])
  test(`of ${WINDOWS} windows in which it stands still for ${forS} s somewhere nearly all are a stall`, () => {
    for (const holdS of [4, 5]) {
      const stalls = found({ holdS }, forS)
      assert.ok(stalls >= 0.95 * WINDOWS, `${stalls} of ${holdS} s are`)
    }
  })

test('where users send so little that two seconds without a request are chance, it is said that a stall was not looked for', () => {
  const missing = (loop: Partial<ClosedLoop>) =>
    unchecked(closedLoopStage({ ...BASE, ...loop }, seeded(3), 'probe'), { mode: 'pooled' })
  assert.match(
    missing({ thinkMs: 5000, holdS: 15, warmUpS: 10 }).join(),
    /stall: users send too few/,
  )
  for (const users of [20, 40, 288, 900])
    assert.doesNotMatch(missing({ users }).join(), /stall/, `${users} users`)
})

for (const forS of [0.8, 1.2, 2])
  for (const [where, atS] of [
    ['in its middle', 1.1],
    ['in half of either second', 1.6],
    ['from before it', 0.4 - forS / 2],
    ['past its end', 3.5],
  ] as const)
    test(`a service that stands still for ${forS} s ${where} of a window of four is a stall`, () => {
      // What began before the window and is over with it is none of it.
      if (atS + forS < 0.7) return
      assert.equal(stalled({ stopped: { atS, forS } }), true)
    })

test('the seconds that were seen are a stall, and those of a busy service are none', () => {
  const stage = closedLoopStage(BASE, seeded(3), 'probe')
  const of = (users: number, seconds: readonly (readonly [requests: number, meanMs: number])[]) => {
    const rows = seconds.map(([requests, meanMs], atS) => ({ atS, requests, failed: 0, meanMs }))
    const checks = judge({ ...stage, users, seconds: rows }, { mode: 'pooled' }).reasons
    return checks.some(({ check }) => check === 'stall')
  }
  const seen = [
    [79, 2],
    [57, 400],
    [28, 2],
    [80, 2],
  ] as const
  assert.equal(of(40, seen), true)
  // Of compose-fit-quick-n, near its crossing.
  const busy = [
    [470, 60],
    [450, 110],
    [490, 75],
    [455, 140],
  ] as const
  assert.equal(of(288, busy), false)
})

test('a window in which nothing was answered, of users who do not think, has a stall of no length', () => {
  const stage = closedLoopStage(BASE, seeded(3), 'probe')
  const seconds = [0, 1, 2, 3].map((atS) => ({ atS, requests: 0, failed: 0, meanMs: null }))
  const none = { ...stage, seconds, thinkMs: { min: 0, max: 0 } }
  assert.deepEqual(mostLost(none), { lostS: 0, chanceS: 0, waiting: 0 })
})
