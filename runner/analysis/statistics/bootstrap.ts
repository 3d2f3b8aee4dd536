import { mean, type Random, studentT, variance } from './moments.ts'

/** Resamples: the error of a standard error from 2,000 of them is under 2 %. */
const RESAMPLES = 2000
/** A statistic that most resamples do not have (an arm that seldom crosses) has no interval. */
const LEAST_SHARE = 0.8

/**
 * 95 % interval of a statistic over trials, by a bootstrap that resamples whole trials: what differs
 * between two runs of the same stage is more than what differs within one. For paired figures let a
 * trial hold both sides and the statistic take their difference or the logarithm of their ratio.
 *
 * The bootstrap gives the standard error, corrected by sqrt(n / (n - 1)), and Student's t with n - 1
 * degrees of freedom the width: percentiles of resamples cannot cover with three trials, of which a
 * resample has but ten different ones. Take the statistic on a scale where it is about symmetric.
 *
 * @param statistic null where a resample does not have it
 * @returns null with fewer than two trials, or if over a fifth of the resamples have no statistic
 * Source: Hesterberg, What Teachers Should Know About the Bootstrap, The American Statistician 69(4),
 * 2015, sections 4.1 (t interval with bootstrap standard error) and 3.2 (narrowness bias).
 */
export function bootstrap<Trial>(
  trials: readonly Trial[],
  statistic: (sample: readonly Trial[]) => number | null,
  random: Random,
): { readonly low: number; readonly high: number } | null {
  const n = trials.length
  const whole = n < 2 ? null : statistic(trials)
  if (whole === null) return null
  const found: number[] = []
  for (let drawn = 0; drawn < RESAMPLES; drawn += 1) {
    const sample = trials.map(() => trials[random.index(n)]).filter((trial) => trial !== undefined)
    const value = statistic(sample)
    if (value !== null) found.push(value)
  }
  if (found.length < LEAST_SHARE * RESAMPLES) return null
  const half = studentT(0.95, n - 1) * Math.sqrt((variance(found) * n) / (n - 1))
  return { low: whole - half, high: whole + half }
}

/** Geometric mean of positive figures: the mean on the scale on which ratios are differences. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(mean(values.map(Math.log)))
}
