import assert from 'node:assert/strict'
import { test } from 'node:test'
import { coverage } from '../../../test/fixtures/simulated-stage.ts'
import { overTrials } from './trials.ts'
import { type BetweenRuns, welchRatio } from './welch.ts'
import { normal, type Random, seeded } from '../../../test/fixtures/random.ts'

test('Student’s sleep data, unpaired: the interval of R’s t.test', () => {
  // Cushny and Peebles, J. Physiology 32, 1905; R's example t.test(extra ~ group, data = sleep) prints
  // the 95 % interval -3.3654832 to 0.2054832 of group 1 less group 2 with 17.776 degrees of freedom.
  const groups = [
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
  ]
  const [a, b] = groups.map(overTrials)
  assert.ok(a && b)
  const { low, high } = welchRatio(b, a)
  assert.ok(Math.abs(Math.log(low ?? 0) + 3.3654832) < 1e-6, `${low}`)
  assert.ok(Math.abs(Math.log(high ?? 0) - 0.2054832) < 1e-6, `${high}`)
})

const trials = (count: number, centre: number, spread: number, random: Random) =>
  overTrials(Array.from({ length: count }, () => Math.log(centre) + spread * normal(random)))

/** Percent of 1,000 pairs of runs whose interval holds the truth. */
function covered(
  [countA, countB, spreadA, spreadB]: readonly [number, number, number, number],
  runSd: number,
  between?: BetweenRuns,
) {
  const random = seeded(21)
  const run = (centre: number) => centre * Math.exp(runSd * normal(random))
  return coverage(1000, () => {
    const a = trials(countA, run(100), spreadA, random)
    const b = trials(countB, run(150), spreadB, random)
    if (!a || !b) return false
    const { low, high } = welchRatio(a, b, between)
    return low !== null && high !== null && low <= 1.5 && high >= 1.5
  })
}

for (const sides of [
  [3, 3, 0.03, 0.03],
  [3, 5, 0.05, 0.03],
  [5, 5, 0.02, 0.08],
  [10, 3, 0.03, 0.03],
] as const)
  test(`the ratio over ${sides.join(' and ')} (trials, spreads) is covered`, () => {
    const share = covered(sides, 0)
    assert.ok(share >= 92 && share <= 98, `${share} %`)
  })

test('what a whole run has in common is covered only with the variance between runs', () => {
  const sides = [3, 3, 0.04, 0.04] as const
  const between = { sd: 0.055, freedom: 6 }
  const [without, with_] = [covered(sides, 0.055), covered(sides, 0.055, between)]
  assert.ok(without < 85, `${without} %`)
  assert.ok(with_ >= 92 && with_ <= 99, `${with_} %`)
})

test('a side without any spread is a ratio to a constant, and two of them have no width', () => {
  const [two, four] = [Math.log(2), Math.log(4)]
  const [constant, other] = [overTrials([two, two, two]), overTrials([four, four, four])]
  assert.ok(constant && other)
  const { low, high } = welchRatio(constant, other)
  assert.ok(Math.abs((low ?? 0) - 2) < 1e-12 && Math.abs((high ?? 0) - 2) < 1e-12)
})
