import assert from 'node:assert/strict'
import { test } from 'node:test'
import { correlated, coverage, normal } from '../../../test/fixtures/simulated-stage.ts'
import { batchMeans } from '../statistics/batch-means.ts'
import { type Random, seeded } from '../statistics/moments.ts'
import type { Response } from './estimate.ts'
import { crossingDraws, quantile, stageNoiseMs } from './interval.ts'

const THINK_MS = 500

function response(users: number, ms: number, error: number): Response {
  return { users, ms, estimate: { mean: ms, error, freedom: 5 } }
}

test('responses that rise as users queue show no noise between stages', () => {
  const queue = [180, 190, 200].map((users) => response(users, (users / 300) * 1000 - THINK_MS, 1))
  assert.equal(stageNoiseMs(queue, THINK_MS), 0)
})

test('a jump from one user to the next is noise, not a crossing known to the user', () => {
  // Seen: 173 users 45 ms, 181 users 24 ms, 182 users 131 ms, 220 users 232 ms.
  const seen = [
    response(173, 45, 5),
    response(181, 24, 4),
    response(182, 131, 11),
    response(220, 232, 12),
  ]
  const noise = stageNoiseMs(seen, THINK_MS)
  assert.ok(noise > 30 && noise < 60, `${noise} ms`)
  const setting = { thresholdMs: 100, noiseMs: noise }
  const draws = crossingDraws(seen, setting, seeded(1)) ?? []
  assert.ok(quantile(draws, 0.975) - quantile(draws, 0.025) > 10)
})

test('noise that the windows already tell of is not counted twice', () => {
  assert.equal(stageNoiseMs([response(100, 50, 20), response(110, 45, 20)], THINK_MS), 0)
})

/** Stages of a search for a crossing at 1100 users at 1,833 requests/s, each off by its own deviation. */
function near(betweenMs: number, random: Random): Response[] {
  return [280, 1000, 1080, 1120, 1200, 2000].map((users) => {
    const queued = Math.max(3, users / (1100 / 600) - THINK_MS)
    const truth = queued + betweenMs * normal(random)
    const series = correlated(12, 0.2, random).map((noise) => truth + 4 * noise)
    const estimate = batchMeans(series)
    assert.ok(estimate)
    return { users, ms: estimate.mean, estimate }
  })
}

/** How often the interval holds the true crossing, in percent. */
function share(betweenMs: number, counted: boolean): number {
  const random = seeded(5)
  return coverage(500, () => {
    const seen = near(betweenMs, random)
    const noise = counted ? stageNoiseMs(seen, THINK_MS) : 0
    const draws = crossingDraws(seen, { thresholdMs: 100, noiseMs: noise }, random)
    return draws !== null && quantile(draws, 0.025) <= 1100 && quantile(draws, 0.975) >= 1100
  })
}

test('where stages differ by 20 ms the interval covers far more often than without', () => {
  const [without, counted] = [share(20, false), share(20, true)]
  // A handful of pairs tell little of a variance: it is not 95 %, and the interval says `within-run`.
  assert.ok(without < 30 && counted > 60, `${without} % without, ${counted} % with`)
})

test('where stages do not differ the interval covers at least 92 %', () => {
  const counted = share(0, true)
  assert.ok(counted >= 92, `${counted} %`)
})
