import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Second } from '../measurement/figures.ts'
import { drift, driftNoise } from './drift.ts'
import { seeded } from '../../test/fixtures/random.ts'

const seconds = (means: readonly (number | null)[], requests = 100): Second[] =>
  means.map((meanMs, atS) => ({ atS, requests, failed: 0, meanMs }))

test('drift is the second half over the first, less one', () => {
  assert.equal(drift(seconds([10, 10, 15, 15])), 0.5)
})

test('the middle of an odd number of seconds belongs to neither half', () => {
  assert.equal(drift(seconds([10, 999, 20])), 1)
})

test('a second counts by its requests, one without a success not at all', () => {
  const unequal = [...seconds([10], 300), ...seconds([20], 100), ...seconds([null, 25])]
  assert.equal(drift(unequal), 25 / 12.5 - 1)
})

test('one second says nothing of drift, four nothing of its noise', () => {
  assert.equal(drift(seconds([10])), null)
  assert.equal(driftNoise(seconds([10, 11, 12, 13])), null)
})

test('a trend stands out of the noise', () => {
  const rising = seconds([10, 11, 12, 13, 14, 15, 30, 31, 32, 33, 34, 35])
  const [figure, noise] = [drift(rising), driftNoise(rising)]
  assert.ok(figure !== null && noise !== null && figure > noise, `${figure} ${noise}`)
})

for (const { correlation, most } of [
  { correlation: 0, most: 0.015 },
  { correlation: 0.5, most: 0.065 },
])
  test(`noise with a correlation of ${correlation} is seldom taken for a drift`, () => {
    const random = seeded(7)
    const runs = 4000
    let taken = 0
    for (let run = 0; run < runs; run += 1) {
      let level = 0
      const means = Array.from({ length: 24 }, () => {
        const shock = random() + random() + random() - 1.5
        level = correlation * level + shock
        return 100 + level
      })
      const window = seconds(means)
      if (Math.abs(drift(window) ?? 0) > (driftNoise(window) ?? 0)) taken += 1
    }
    assert.ok(taken / runs <= most, `${taken} of ${runs}`)
  })
