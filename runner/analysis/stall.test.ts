import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClosedLoop } from '../../test/fixtures/closed-loop.ts'
import { closedLoopStage } from '../../test/fixtures/closed-loop-stage.ts'
import { mostLost } from './stall.ts'
import { seeded } from './statistics/moments.ts'
import { judge } from './validity.ts'

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
  assert.deepEqual(mostLost(none), { lostS: 0, waiting: 0 })
})
