import { mean } from '../moments.ts'
import { studentT } from '../student-t.ts'
import { contrast, designOf } from './design.ts'
import { cellsOf, FACTORS, levelsOf, type Factor, type Observation } from './grid.ts'
import { dot, leastSquares } from './least-squares.ts'
import { sharesOf, type Shares } from './shares.ts'

interface Effect {
  readonly factor: Factor
  readonly level: string
  /** Difference to the grand mean, over the levels with equal weight. */
  readonly effect: number
  /** Half the width of its 95 % interval. */
  readonly half: number
}

export interface TwoWay {
  readonly mean: number
  readonly effects: readonly Effect[]
  readonly shares: Shares
  /** What the intervals take for error: what differs between trials, or the interaction. */
  readonly errorTerm: 'trials' | 'interaction'
  /** Variance and degrees of freedom of the error. */
  readonly error: number
  readonly freedom: number
}

/**
 * Two-way analysis of variance, fixed effects: y = mean + mode + framework (+ interaction) + error. The
 * additive model is fitted by least squares, so a cell may be missing. Where a cell has several trials
 * their spread within the cells is the error; where every cell has one, what the additive model leaves is,
 * and the interaction cannot be told from noise.
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
