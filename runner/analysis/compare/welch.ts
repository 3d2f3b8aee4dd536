import type { Interval } from '../../measurement/verdict.ts'
import type { Estimate } from '../statistics/batch-means.ts'
import { mean, studentT, variance } from '../statistics/moments.ts'

/** From so many degrees of freedom on Student's t is the normal distribution to five digits. */
const NORMAL = 1e5

/**
 * 95 % interval of b / a for two independent sides: Welch's interval of the difference of their
 * logarithms, with Satterthwaite's degrees of freedom. The sides may have unequal errors and unequal
 * numbers of trials. It is between-trials only if both sides are.
 *
 * Sources: B. L. Welch, Biometrika 34, 1947; F. E. Satterthwaite, Biometrics Bulletin 2(6), 1946. On
 * the logarithm: Fleming and Wallace, How Not to Lie with Statistics, CACM 29(3), 1986.
 */
export function welchRatio(a: LogEstimate, b: LogEstimate): Interval {
  const [squareA, squareB] = [a.error ** 2, b.error ** 2]
  const squared = squareA + squareB
  const freedom = squared ** 2 / (squareA ** 2 / a.freedom + squareB ** 2 / b.freedom)
  // Of 0 / 0: neither side has an error, and the width is 0 whatever the freedom.
  const known = Number.isNaN(freedom) ? NORMAL : Math.min(NORMAL, freedom)
  const half = studentT(0.95, known) * Math.sqrt(squared)
  const difference = b.mean - a.mean
  const within = a.kind === 'within-run' || b.kind === 'within-run'
  return {
    low: Math.exp(difference - half),
    high: Math.exp(difference + half),
    kind: within ? 'within-run' : 'between-trials',
  }
}

/** A positive figure on the logarithm, the scale on which ratios are differences, with its error. */
export interface LogEstimate extends Estimate {
  readonly kind: Interval['kind']
}

/** Of several trials: what differs between them is the error. null with fewer than two. */
export function overTrials(values: readonly number[]): LogEstimate | null {
  if (values.length < 2) return null
  const logs = values.map(Math.log)
  const error = Math.sqrt(variance(logs) / logs.length)
  return { mean: mean(logs), error, freedom: logs.length - 1, kind: 'between-trials' }
}

/**
 * Of the only trial, from the batch means of its window: the error of a logarithm is the relative error
 * (delta method). Nothing of what differs between runs is in it.
 */
export function withinTrial(value: number, estimate: Estimate | null): LogEstimate | null {
  if (estimate === null) return null
  const { error, freedom } = estimate
  return { mean: Math.log(value), error: error / value, freedom, kind: 'within-run' }
}

/** Degrees of freedom of the draws' Student's t: two windows of six batches (crossing/interval.ts). */
const DRAWN_FREEDOM = 10

/**
 * Of the draws of a crossing. Student's t spreads them by more than the error itself, by
 * f / (f - 2) in variance, which is taken out again; with two sides four windows tell the error, and by
 * simulation (welch.test.ts) the normal distribution covers 92 to 97 %.
 */
export function ofDraws(value: number, draws: readonly number[] | null): LogEstimate | null {
  if (draws === null) return null
  const spread = variance(draws.map(Math.log))
  const error = Math.sqrt((spread * (DRAWN_FREEDOM - 2)) / DRAWN_FREEDOM)
  return { mean: Math.log(value), error, freedom: Infinity, kind: 'within-run' }
}
