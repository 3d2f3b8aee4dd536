import type { Interval } from '../../measurement/verdict.ts'
import type { Difference } from './differences.ts'

/** One figure of one arm on both sides. */
export interface Row {
  readonly what: string
  readonly unit: 'users' | 'req/s' | 'µs/req' | 'ms'
  /** Geometric mean over the trials; null where a side has no such figure. */
  readonly a: number | null
  readonly b: number | null
  /** Of b / a; null where one trial cannot tell it. */
  readonly interval: Interval | null
  /** Why there is no ratio. */
  readonly missing?: string
}

export interface ArmComparison {
  readonly arm: string
  readonly rows: readonly Row[]
}

export interface Comparison {
  readonly differences: readonly Difference[]
  readonly arms: readonly ArmComparison[]
}

/** Is b above or below a? `same`: the interval holds 1, so no difference is detected. */
export function answerOf({
  interval,
}: Pick<Row, 'interval'>): 'same' | 'more' | 'less' | 'unknown' {
  if (interval === null) return 'unknown'
  if (interval.low > 1) return 'more'
  return interval.high < 1 ? 'less' : 'same'
}
