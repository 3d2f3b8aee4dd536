import type { Interval } from '../../measurement/verdict.ts'
import type { Estimate } from './batch-means.ts'
import { confidence } from './trials.ts'

/** From this many degrees of freedom on Student's t is the normal distribution to five digits. */
const NORMAL = 1e5

/** How far runs of the same thing are apart beyond what their trials show: a share, and what it rests on. */
export type BetweenRuns = Readonly<{
  sd: number
  freedom: number
}>

const NONE: BetweenRuns = { sd: 0, freedom: Infinity }

/**
 * Difference of two independent means, with Satterthwaite's degrees of freedom. The sides may have unequal errors and
 * unequal numbers of trials. What a whole run has in common no run shows by itself: it is added from `between`.
 *
 * Sources: B. L. Welch, Biometrika 34, 1947; F. E. Satterthwaite, Biometrics Bulletin 2(6), 1946.
 */
export function difference(of: Estimate, from: Estimate, between: BetweenRuns = NONE): Estimate {
  const parts = [
    { square: of.error ** 2, freedom: of.freedom },
    { square: from.error ** 2, freedom: from.freedom },
    { square: 2 * between.sd ** 2, freedom: between.freedom },
  ]
  return { mean: of.mean - from.mean, ...together(parts) }
}

/** The error of a sum of independent parts, and the degrees of freedom that it has by Satterthwaite. */
export function together(
  parts: readonly Readonly<{ square: number; freedom: number }>[],
): Pick<Estimate, 'error' | 'freedom'> {
  const squared = parts.reduce((sum, { square }) => sum + square, 0)
  const freedom =
    squared ** 2 / parts.reduce((sum, part) => sum + part.square ** 2 / part.freedom, 0)
  // NaN is 0 / 0: no part has an error, and the width is 0 whatever the freedom.
  return {
    error: Math.sqrt(squared),
    freedom: Number.isNaN(freedom) ? NORMAL : Math.min(NORMAL, freedom),
  }
}

/**
 * 95 % interval of b / a for two independent sides, of means on the logarithm: Fleming and Wallace, How Not to Lie
 * with Statistics, CACM 29(3), 1986.
 */
export function welchRatio(a: Estimate, b: Estimate, between?: BetweenRuns): Interval {
  const [low, high] = confidence(difference(b, a, between))
  return { low: Math.exp(low), high: Math.exp(high) }
}
