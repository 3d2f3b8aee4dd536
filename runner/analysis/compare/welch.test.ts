import assert from 'node:assert/strict'
import { test } from 'node:test'
import { correlated, coverage, normal } from '../../../test/fixtures/simulated-stage.ts'
import { locate } from '../crossing/estimate.ts'
import { crossingDraws } from '../crossing/interval.ts'
import { batchMeans } from '../statistics/batch-means.ts'
import { type Random, seeded } from '../statistics/moments.ts'
import { type LogEstimate, ofDraws, overTrials, welchRatio, withinTrial } from './welch.ts'

test('Student’s sleep data, unpaired: the interval of R’s t.test', () => {
  // Cushny and Peebles, J. Physiology 32, 1905; R's example t.test(extra ~ group, data = sleep) prints
  // the 95 % interval -3.3654832 to 0.2054832 of group 1 less group 2 with 17.776 degrees of freedom.
  const groups = [
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
  ]
  const [a, b] = groups.map((logs) => overTrials(logs.map(Math.exp)))
  assert.ok(a && b)
  const { low, high } = welchRatio(b, a)
  assert.ok(Math.abs(Math.log(low) + 3.3654832) < 1e-6, `${Math.log(low)}`)
  assert.ok(Math.abs(Math.log(high) - 0.2054832) < 1e-6, `${Math.log(high)}`)
})

function covered(truth: number, sides: () => readonly [LogEstimate | null, LogEstimate | null]) {
  return coverage(1000, () => {
    const [a, b] = sides()
    if (!a || !b) return false
    const { low, high } = welchRatio(a, b)
    return low <= truth && high >= truth
  })
}

const trials = (count: number, centre: number, spread: number, random: Random) =>
  overTrials(Array.from({ length: count }, () => centre * Math.exp(spread * normal(random))))

for (const [countA, countB, spreadA, spreadB] of [
  [3, 3, 0.03, 0.03],
  [3, 5, 0.05, 0.03],
  [5, 5, 0.02, 0.08],
  [10, 3, 0.03, 0.03],
] as const)
  test(`the ratio over ${countA} and ${countB} trials spread by ${spreadA} and ${spreadB} is covered`, () => {
    const random = seeded(21)
    const share = covered(1.5, () => [
      trials(countA, 100, spreadA, random),
      trials(countB, 150, spreadB, random),
    ])
    assert.ok(share >= 92 && share <= 97, `${share} %`)
  })

test('the ratio of two windows of one trial each is covered', () => {
  const random = seeded(22)
  const window = (centre: number) => {
    const estimate = batchMeans(correlated(25, 0.3, random).map((noise) => centre + 2 * noise))
    return estimate && withinTrial(estimate.mean, estimate)
  }
  const share = covered(1.25, () => [window(40), window(50)])
  assert.ok(share >= 92 && share <= 97, `${share} %`)
})

for (const place of [1082, 1100, 1120])
  test(`the ratio of two crossings at ${place} of one trial each is covered`, () => {
    const random = seeded(23)
    const crossing = (scale: number) => {
      const points = [1040, 1080, 1120, 1160].map((users) => {
        const truth = 100 + (users - place) / 2
        const estimate = batchMeans(correlated(25, 0.3, random).map((noise) => truth + 6 * noise))
        assert.ok(estimate)
        return { users: scale * users, ms: estimate.mean, estimate }
      })
      const located = locate(points, 100)
      const draws = crossingDraws(points, { thresholdMs: 100 }, random)
      return located.state === 'crossed' ? ofDraws(located.users, draws) : null
    }
    const share = covered(2, () => [crossing(1), crossing(2)])
    assert.ok(share >= 92 && share <= 97, `${share} %`)
  })

test('a side without any spread is a ratio to a constant, and two of them have no width', () => {
  const constant = overTrials([2, 2, 2])
  const other = overTrials([4, 4, 4])
  assert.ok(constant && other)
  const { low, high } = welchRatio(constant, other)
  assert.ok(Math.abs(low - 2) < 1e-12 && Math.abs(high - 2) < 1e-12)
})

test('one trial against several is said to be within a run', () => {
  const several = overTrials([10, 11, 12])
  const one = withinTrial(10, { mean: 10, error: 0.1, freedom: 5 })
  assert.ok(several && one)
  assert.equal(welchRatio(several, one).kind, 'within-run')
  assert.equal(welchRatio(several, several).kind, 'between-trials')
})
