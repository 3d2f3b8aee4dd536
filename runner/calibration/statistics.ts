import { meanMs, percentileMs, type Distribution } from '../load/distribution.ts'
import type { Statistics } from './calibration.ts'

/** Exact statistics of `valuesMs`; percentiles by nearest rank, as HdrHistogram has them. NaN of nothing. */
export function exactStatistics(valuesMs: Float64Array): Statistics {
  const sorted = valuesMs.toSorted()
  const at = (percentile: number): number =>
    sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)] ?? Number.NaN
  return {
    meanMs: meanOf(valuesMs),
    p50Ms: at(50),
    p95Ms: at(95),
    p99Ms: at(99),
  }
}

export const meanOf = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

export function statisticsOf(distribution: Distribution): Statistics {
  const at = (percentile: number): number => percentileMs(distribution, percentile) ?? Number.NaN
  return {
    meanMs: meanMs(distribution) ?? Number.NaN,
    p50Ms: at(50),
    p95Ms: at(95),
    p99Ms: at(99),
  }
}
