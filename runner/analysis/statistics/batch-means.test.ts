import assert from 'node:assert/strict'
import { test } from 'node:test'
import { correlated, coverage, queueSeconds } from '../../../test/fixtures/simulated-stage.ts'
import { batchMeans, halfWidth } from './batch-means.ts'
import { studentT } from './moments.ts'
import { seeded } from '../../../test/fixtures/random.ts'

test('Student’s t is that of the tables', () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2.
  for (const [confidence, freedom, value] of [
    [0.95, 1, 12.706],
    [0.95, 5, 2.571],
    [0.95, 30, 2.042],
    [0.99, 10, 3.169],
  ] as const)
    assert.ok(Math.abs(studentT(confidence, freedom) - value) < 5e-4)
})

function covers(series: readonly number[], truth: number): boolean {
  const estimate = batchMeans(series)
  return estimate !== null && Math.abs(estimate.mean - truth) <= halfWidth(estimate)
}

// 1,000 runs have a standard error of 0.7 points: seeds are fixed, so the figures are too.
for (const [seconds, correlation] of [
  [12, 0],
  [12, 0.3],
  [25, 0],
  [25, 0.3],
  [25, 0.6],
  [60, 0.6],
  [270, 0.6],
  [270, 0.8],
] as const)
  test(`95 % intervals of ${seconds} s correlated by ${correlation} cover 92 to 97 %`, () => {
    const random = seeded(2)
    const share = coverage(1000, () => covers(correlated(seconds, correlation, random), 0))
    assert.ok(share >= 92 && share <= 97, `${share} %`)
  })

for (const seconds of [12, 25, 60])
  test(`the latency of a queue at 60 % over ${seconds} s is covered in 92 to 97 %`, () => {
    const random = seeded(5)
    // M/M/1: mean latency = service / (1 - utilisation) = 6 / 0.4 ms.
    const share = coverage(1000, () => covers(queueSeconds(seconds, 100, 6, random), 15))
    assert.ok(share >= 92 && share <= 97, `${share} %`)
  })

test('too short a series has no interval', () => {
  assert.equal(batchMeans([1, 2]), null)
  assert.notEqual(batchMeans([1, 2, 4]), null)
})
