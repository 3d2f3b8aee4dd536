import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDistribution, record } from '../load/distribution.ts'
import { exactStatistics, statisticsOf } from './measure.ts'

const values = Float64Array.from({ length: 200 }, (_, index) => ((index * 37) % 200) + 1)

test('exact statistics by nearest rank', () => {
  assert.deepEqual(exactStatistics(values), { meanMs: 100.5, p50Ms: 100, p95Ms: 190, p99Ms: 198 })
})

test('the histogram agrees with them, to its three digits', () => {
  const distribution = createDistribution()
  for (const value of values) record(distribution, value)
  const exact = exactStatistics(values)
  for (const [name, value] of Object.entries(statisticsOf(distribution))) {
    const expected = Object.entries(exact).find(([key]) => key === name)?.[1] ?? Number.NaN
    assert.ok(Math.abs(value / expected - 1) <= 0.001, `${name} ${value} for ${expected}`)
  }
})
