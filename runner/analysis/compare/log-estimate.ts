import { mean, variance } from '../moments.ts'
import type { Estimate } from '../batch-means.ts'
import type { Interval } from '../../measurement/verdict.ts'

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

/** Degrees of freedom of the draws' Student's t: two windows of six batches (crossing-draws.ts). */
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
