import type { Estimate } from './batch-means.ts'
import { mean, studentT, tTail, variance } from './moments.ts'

/** Fewer trials than that tell nothing of what differs between trials: what they show is provisional. */
export const LEAST_TRIALS = 3

/** A figure of each trial, by the trial's index, on the scale that is analysed. */
export type ByTrial = ReadonlyMap<number, number>

/** Mean over trials with the error that their spread shows; null with fewer than three. */
export function overTrials(values: readonly number[]): Estimate | null {
  if (values.length < LEAST_TRIALS) return null
  const error = Math.sqrt(variance(values) / values.length)
  return { mean: mean(values), error, freedom: values.length - 1 }
}

/** 95 % confidence interval of the mean. */
export function confidence({ mean: centre, error, freedom }: Estimate): [number, number] {
  const half = studentT(0.95, freedom) * error
  return [centre - half, centre + half]
}

/**
 * How likely an estimate this far beyond a band would be if the truth lay in it: two-sided, so that it is
 * under 0.05 exactly where the 95 % interval lies outside. 1 within the band.
 */
export function beyondBand(
  { mean: centre, error, freedom }: Estimate,
  band: { readonly low: number; readonly high: number },
): number {
  const beyond = Math.max(centre - band.high, band.low - centre)
  if (beyond <= 0) return 1
  return error === 0 ? 0 : Math.min(1, 2 * tTail(beyond / error, freedom))
}

/**
 * Holm's step-down adjustment: judged at 0.05, the chance of any false rejection among all is at most that.
 * Source: S. Holm, Scandinavian Journal of Statistics 6(2), 1979.
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, at) => at).toSorted((a, b) => (pValues[a] ?? 1) - (pValues[b] ?? 1))
  const adjusted = pValues.map(() => 1)
  let least = 0
  for (const [rank, at] of order.entries()) {
    least = Math.max(least, Math.min(1, (pValues.length - rank) * (pValues[at] ?? 1)))
    adjusted[at] = least
  }
  return adjusted
}
