import type { Interval } from '../../measurement/verdict.ts'
import type { Estimate } from '../statistics/batch-means.ts'
import { studentT } from '../statistics/moments.ts'

/** From this many degrees of freedom on Student's t is the normal distribution to five digits. */
const NORMAL = 1e5

/** How far runs of the same thing are apart beyond what their trials show: a share, and what it rests on. */
export type BetweenRuns = Readonly<{
  sd: number
  freedom: number
}>

const NONE: BetweenRuns = { sd: 0, freedom: Infinity }

/**
 * 95 % interval of b / a for two independent sides: Welch's interval of the difference of their
 * logarithms, with Satterthwaite's degrees of freedom. The sides may have unequal errors and unequal
 * numbers of trials. What a whole run has in common no run shows by itself: it is added from `between`.
 *
 * Sources: B. L. Welch, Biometrika 34, 1947; F. E. Satterthwaite, Biometrics Bulletin 2(6), 1946. On
 * the logarithm: Fleming and Wallace, How Not to Lie with Statistics, CACM 29(3), 1986.
 */
export function welchRatio(a: Estimate, b: Estimate, between: BetweenRuns = NONE): Interval {
  const parts = [
    { square: a.error ** 2, freedom: a.freedom },
    { square: b.error ** 2, freedom: b.freedom },
    { square: 2 * between.sd ** 2, freedom: between.freedom },
  ]
  const squared = parts.reduce((sum, { square }) => sum + square, 0)
  const freedom =
    squared ** 2 / parts.reduce((sum, part) => sum + part.square ** 2 / part.freedom, 0)
  // NaN is 0 / 0: no part has an error, and the width is 0 whatever the freedom.
  const known = Number.isNaN(freedom) ? NORMAL : Math.min(NORMAL, freedom)
  const half = studentT(0.95, known) * Math.sqrt(squared)
  const difference = b.mean - a.mean
  return { low: Math.exp(difference - half), high: Math.exp(difference + half) }
}
