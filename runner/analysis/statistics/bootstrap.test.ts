import assert from 'node:assert/strict'
import { test } from 'node:test'
import { coverage, normal } from '../../../test/fixtures/simulated-stage.ts'
import { pairedRatio } from '../ratio.ts'
import { bootstrap } from './bootstrap.ts'
import { mean, seeded } from './moments.ts'

test('Student’s sleep data: the mean of ten paired differences is 1.58, 0.70 to 2.46', () => {
  // Cushny and Peebles, J. Physiology 32, 1905, as used by Student, Biometrika 6, 1908; the interval is
  // that of R's t.test(extra ~ group, paired): 0.7001 to 2.4599.
  const differences = [1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4]
  const found = bootstrap(differences, mean, seeded(1))
  assert.ok(found)
  assert.ok(Math.abs(found.low - 0.7001) < 0.05, `${found.low}`)
  assert.ok(Math.abs(found.high - 2.4599) < 0.05, `${found.high}`)
})

for (const trials of [3, 5, 10])
  test(`95 % intervals over ${trials} trials cover 92 to 97 %`, () => {
    const random = seeded(11)
    const share = coverage(1000, () => {
      const sample = Array.from({ length: trials }, () => normal(random))
      const found = bootstrap(sample, mean, random)
      return found !== null && found.low <= 0 && found.high >= 0
    })
    assert.ok(share >= 92 && share <= 97, `${share} %`)
  })

test('the ratio of paired trials is covered, and what both share does not widen it', () => {
  const random = seeded(12)
  let widths = 0
  const share = coverage(1000, () => {
    const pairs = Array.from({ length: 3 }, () => {
      const day = Math.exp(0.3 * normal(random))
      const noise = () => Math.exp(0.02 * normal(random))
      return [600 * day * noise(), 200 * day * noise()] as const
    })
    const found = pairedRatio(pairs, random)
    if (!found) return false
    widths += found.high / found.low - 1
    return found.low <= 3 && found.high >= 3
  })
  assert.ok(share >= 92 && share <= 97, `${share} %`)
  assert.ok(widths / 1000 < 0.25, `mean width ${widths / 1000}: the pairing was lost`)
})

test('one trial has no interval, nor has a statistic that most resamples lack', () => {
  assert.equal(bootstrap([1], mean, seeded(1)), null)
  const seldom = (sample: readonly number[]) => (sample.includes(1) ? mean(sample) : null)
  assert.equal(bootstrap([1, 2, 3], seldom, seeded(1)), null)
})

test('the same seed gives the same interval', () => {
  const values = [3, 1, 4, 1, 5]
  assert.deepEqual(bootstrap(values, mean, seeded(9)), bootstrap(values, mean, seeded(9)))
})
