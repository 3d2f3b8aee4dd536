import assert from 'node:assert/strict'
import { test } from 'node:test'
import { correlated, coverage } from '../../../test/fixtures/simulated-stage.ts'
import { batchMeans } from '../statistics/batch-means.ts'
import { seeded } from '../statistics/moments.ts'
import { isotonic, locate } from './estimate.ts'
import { crossingDraws, quantile } from './interval.ts'

const points = (...pairs: [users: number, ms: number][]) =>
  pairs.map(([users, ms]) => ({ users, ms }))

test('what violates the order is pooled to its mean', () => {
  assert.deepEqual(isotonic([1, 3, 2, 4]), [1, 2.5, 2.5, 4])
  assert.deepEqual(isotonic([3, 2, 1]), [2, 2, 2])
  assert.deepEqual(isotonic([]), [])
})

test('the article’s own figures cross at 60 users', () => {
  const article = locate(points([40, 30], [50, 55], [60, 100], [70, 160]), 100)
  assert.deepEqual(article, { state: 'crossed', users: 60, bracket: { low: 50, high: 60 } })
})

test('between two steps the crossing is interpolated', () => {
  const located = locate(points([40, 20], [60, 120]), 100)
  assert.deepEqual(located, { state: 'crossed', users: 56, bracket: { low: 40, high: 60 } })
})

test('noise at the threshold gives one crossing', () => {
  const located = locate(points([100, 80], [110, 102], [120, 97], [130, 130]), 100)
  // 110 and 120 users are pooled at 99.5 ms, so the crossing lies past them.
  assert.ok(located.state === 'crossed')
  assert.deepEqual(located.bracket, { low: 120, high: 130 })
})

for (const [state, seen] of [
  ['crossed-below', points([40, 100], [50, 120])],
  ['not-reached', points([40, 10], [50, 99.9])],
  ['no-valid-stage', []],
] as const)
  test(`without a crossing the state is ${state}`, () => {
    assert.equal(locate(seen, 100).state, state)
  })

for (const crossing of [1082, 1090, 1100, 1120])
  test(`within-run intervals of a crossing at ${crossing} users cover 92 to 97 %`, () => {
    const random = seeded(4)
    const share = coverage(1000, () => {
      const seen = [1040, 1080, 1120, 1160].map((users) => {
        const truth = 100 + (users - crossing) / 2
        const series = correlated(25, 0.3, random).map((noise) => truth + 6 * noise)
        const estimate = batchMeans(series)
        assert.ok(estimate)
        return { users, ms: estimate.mean, estimate }
      })
      const draws = crossingDraws(seen, { thresholdMs: 100 }, random)
      return draws !== null && low(draws) <= crossing && high(draws) >= crossing
    })
    assert.ok(share >= 92 && share <= 97, `${share} %`)
  })

test('responses without an error give no draws', () => {
  const bare = points([40, 10], [50, 120]).map((point) => ({ ...point, estimate: null }))
  assert.equal(crossingDraws(bare, { thresholdMs: 100 }, seeded(1)), null)
})

function low(draws: readonly number[]): number {
  return quantile(draws, 0.025)
}

function high(draws: readonly number[]): number {
  return quantile(draws, 0.975)
}
