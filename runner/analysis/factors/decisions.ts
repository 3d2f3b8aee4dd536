import type { Run } from '../../measurement/run.ts'
import {
  cellsOf,
  type Factor,
  factorNames,
  type FactorNames,
  type FigureName,
  FIGURES,
  gridOf,
  levelsOf,
  observe,
} from './grid.ts'
import { twoWay, type TwoWay } from './two-way.ts'

/** The effect of one level as a ratio to the geometric mean of all, with its 95 % interval. */
type LevelRatio = Readonly<{
  factor: Factor
  level: string
  ratio: number
  low: number
  high: number
}>

/** What decides one figure. */
export type Decision = Readonly<{
  figure: FigureName
  names: FactorNames
  modes: readonly string[]
  frameworks: readonly string[]
  /** Grand geometric mean, in the figure's unit. */
  mean: number
  levels: readonly LevelRatio[]
  errorTerm: TwoWay['errorTerm']
  freedom: number
  /** Pairs of framework and mode that do not exist or did not cross. */
  missingCells: number
}>

/** What decides each figure of a run whose arms cross frameworks with modes; empty without a grid. */
export function decisionsOf(run: Pick<Run, 'configuration' | 'trials'>): Decision[] {
  return FIGURES.flatMap((figure): Decision[] => {
    const grid = gridOf(observe(run, figure))
    const found = grid && twoWay(grid)
    if (!found) return []
    const { mean, effects, errorTerm, freedom } = found
    const levels = effects.map(({ factor, level, effect, half }): LevelRatio => ({
      factor,
      level,
      ratio: Math.exp(effect),
      low: Math.exp(effect - half),
      high: Math.exp(effect + half),
    }))
    const [modes, frameworks] = [levelsOf(grid, 'mode'), levelsOf(grid, 'framework')]
    const missingCells = modes.length * frameworks.length - cellsOf(grid).length
    const names = factorNames(run)
    const all = { figure, names, modes, frameworks, mean: Math.exp(mean), levels }
    return [{ ...all, errorTerm, freedom, missingCells }]
  })
}

/** What decides each figure, a plain sentence each, that of the crossing first; none without a grid. */
export function decisionTexts(run: Pick<Run, 'configuration' | 'trials'>): string[] {
  return decisionsOf(run).map(decisionText)
}

/** What decides, in one plain sentence: how far apart the levels of each factor are, as a ratio. */
export function decisionText({ figure, names, levels }: Decision): string {
  const what = figure === 'crossing' || figure === 'ceiling' ? figure : `${figure} a request`
  const apart = (factor: Factor): string => {
    const ratios = levels.filter((one) => one.factor === factor).map(({ ratio }) => ratio)
    return (Math.max(...ratios) / Math.min(...ratios)).toFixed(2)
  }
  return (
    `${capital(names.mode.long)} changes the ${what} by up to ${apart('mode')} times, ` +
    `${names.framework.long} by up to ${apart('framework')} times.`
  )
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)
