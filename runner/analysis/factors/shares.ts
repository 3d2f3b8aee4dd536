import { mean } from '../moments.ts'
import { designOf } from './design.ts'
import type { Factor, Observation } from './grid.ts'
import { leastSquares } from './least-squares.ts'

/** Shares of the variation (the sum of squares around the mean), which add up to 1. */
export interface Shares {
  readonly mode: number
  readonly framework: number
  /** With one trial a cell: interaction and noise together. */
  readonly interaction: number
  /** Between trials of the same cell; null with one trial a cell. */
  readonly noise: number | null
}

interface Residuals {
  /** Sums of squares that the additive model leaves, and that the cells' own means leave. */
  readonly additive: number
  readonly within: number
  readonly replicated: boolean
}

/**
 * How much of the variation each factor explains. In a whole grid these are the sums of squares of the
 * analysis of variance. With a missing cell the factors overlap, and what one explains depends on whether
 * it is asked first: the mean over both orders is taken, which still adds up.
 *
 * Sources: Jain 1991, sections 21.4 and 22.4 (allocation of variation); Lindeman, Merenda and Gold,
 * Introduction to Bivariate and Multivariate Analysis, 1980, p. 119 (the mean over orders); Grömping,
 * The American Statistician 61(2), 2007.
 */
export function sharesOf(
  observations: readonly Observation[],
  { additive, within, replicated }: Residuals,
): Shares {
  const y = observations.map((one) => one.y)
  const centre = mean(y)
  const total = y.reduce((sum, value) => sum + (value - centre) ** 2, 0)
  const alone = (factor: Factor) =>
    leastSquares(designOf(observations, [factor]), y)?.residual ?? total
  const [modeLeft, frameworkLeft] = [alone('mode'), alone('framework')]
  const share = (squares: number) => (total === 0 ? 0 : Math.max(0, squares) / total)
  return {
    mode: share((total - modeLeft + frameworkLeft - additive) / 2),
    framework: share((total - frameworkLeft + modeLeft - additive) / 2),
    interaction: share(replicated ? additive - within : additive),
    noise: replicated ? share(within) : null,
  }
}
