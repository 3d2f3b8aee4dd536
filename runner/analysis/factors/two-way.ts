import { dot, leastSquares } from '../statistics/least-squares.ts'
import { mean, studentT } from '../statistics/moments.ts'
import { cellsOf, type Factor, FACTORS, levelsOf, type Observation } from './grid.ts'

type Effect = Readonly<{
  factor: Factor
  level: string
  /** Difference to the grand mean, over the levels with equal weight. */
  effect: number
  /** Half the width of its 95 % interval. */
  half: number
}>

export type TwoWay = Readonly<{
  mean: number
  effects: readonly Effect[]
  shares: Shares
  /** What the intervals take for error: what differs between trials, or the interaction. */
  errorTerm: 'trials' | 'interaction'
  /** Variance and degrees of freedom of the error. */
  error: number
  freedom: number
}>

/**
 * Two-way analysis of variance, fixed effects: y = mean + mode + framework (+ interaction) + error. The
 * additive model is fitted by least squares, so a cell may be missing. Where a cell has several trials
 * their spread within the cells is the error; where every cell has one, what the additive model leaves is,
 * and the interaction cannot be distinguished from noise.
 *
 * @returns null if no degree of freedom is left for the error, or the grid falls into separate parts
 * Sources: Jain, The Art of Computer Systems Performance Analysis, 1991, chapters 21 (one observation a
 * cell) and 22 (with replications); Montgomery, Design and Analysis of Experiments, 8th ed. 2013,
 * sections 5.3 and, for missing cells by least squares, 4.1.3.
 */
export function twoWay(observations: readonly Observation[]): TwoWay | null {
  const y = observations.map((one) => one.y)
  const design = designOf(observations, FACTORS)
  const fit = leastSquares(design, y)
  if (fit === null) return null
  const cells = cellsOf(observations).map((cell) => cell.map((one) => one.y))
  const within = cells.reduce((sum, cell) => sum + squares(cell), 0)
  const replicated = observations.length - cells.length
  const left = observations.length - (design[0]?.length ?? 0)
  const freedom = replicated > 0 ? replicated : left
  if (freedom < 1) return null
  const error = (replicated > 0 ? within : fit.residual) / freedom
  const width = studentT(0.95, freedom)
  const effects = FACTORS.flatMap((factor) =>
    levelsOf(observations, factor).map((level): Effect => {
      const weights = contrast(observations, FACTORS, [factor, level])
      const spread = dot(
        weights,
        fit.inverse.map((row) => dot(row, weights)),
      )
      const effect = dot(weights, fit.coefficients)
      return { factor, level, effect, half: width * Math.sqrt(error * spread) }
    }),
  )
  return {
    mean: fit.coefficients[0] ?? Number.NaN,
    effects,
    shares: sharesOf(observations, { additive: fit.residual, within, replicated: replicated > 0 }),
    errorTerm: replicated > 0 ? 'trials' : 'interaction',
    error,
    freedom,
  }
}

function squares(values: readonly number[]): number {
  const centre = mean(values)
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0)
}

/**
 * Columns of a factor whose effects sum to 0: all levels but the last have one, the last is -1 in each.
 * They are also the weights with which the coefficients add up to the effect of a level.
 */
function contrastColumns(levels: readonly string[], level: string): number[] {
  const at = levels.indexOf(level)
  const last = at === levels.length - 1
  return levels.slice(0, -1).map((_, column) => (last ? -1 : Number(column === at)))
}

/** The additive model of these factors: the mean, then each factor's columns. */
function designOf(observations: readonly Observation[], factors: readonly Factor[]): number[][] {
  const levels = factors.map((factor) => levelsOf(observations, factor))
  return observations.map((one) => [
    1,
    ...factors.flatMap((factor, at) => contrastColumns(levels[at] ?? [], one[factor])),
  ])
}

/** What adds up, of the coefficients of `designOf`, to the effect of a level: without the mean. */
function contrast(
  observations: readonly Observation[],
  factors: readonly Factor[],
  [factor, level]: readonly [Factor, string],
): number[] {
  return [
    0,
    ...factors.flatMap((own) => {
      const levels = levelsOf(observations, own)
      return own === factor ? contrastColumns(levels, level) : levels.slice(1).map(() => 0)
    }),
  ]
}

/** Shares of the variation (the sum of squares around the mean), which add up to 1. */
type Shares = Readonly<{
  mode: number
  framework: number
  /** With one trial a cell: interaction and noise together. */
  interaction: number
  /** Between trials of the same cell; null with one trial a cell. */
  noise: number | null
}>

type Residuals = Readonly<{
  /** Sums of squares that the additive model leaves, and that the cells' own means leave. */
  additive: number
  within: number
  replicated: boolean
}>

/**
 * How much of the variation each factor explains. In a whole grid these are the sums of squares of the
 * analysis of variance. With a missing cell the factors overlap, and what one explains depends on whether
 * it is asked first: the mean over both orders is taken, which still adds up.
 *
 * Sources: Jain 1991, sections 21.4 and 22.4 (allocation of variation); Lindeman, Merenda and Gold,
 * Introduction to Bivariate and Multivariate Analysis, 1980, p. 119 (the mean over orders); Grömping,
 * The American Statistician 61(2), 2007.
 */
function sharesOf(
  observations: readonly Observation[],
  { additive, within, replicated }: Residuals,
): Shares {
  const y = observations.map((one) => one.y)
  const centre = mean(y)
  const total = y.reduce((sum, value) => sum + (value - centre) ** 2, 0)
  const alone = (factor: Factor) =>
    leastSquares(designOf(observations, [factor]), y)?.residual ?? total
  const [modeLeft, frameworkLeft] = [alone('mode'), alone('framework')]
  const share = (part: number) => (total === 0 ? 0 : Math.max(0, part) / total)
  return {
    mode: share((total - modeLeft + frameworkLeft - additive) / 2),
    framework: share((total - frameworkLeft + modeLeft - additive) / 2),
    interaction: share(replicated ? additive - within : additive),
    noise: replicated ? share(within) : null,
  }
}
