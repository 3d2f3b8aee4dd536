import type { Interval } from '../../measurement/verdict.ts'
import { studentT } from '../student-t.ts'
import type { LogEstimate } from './log-estimate.ts'

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
