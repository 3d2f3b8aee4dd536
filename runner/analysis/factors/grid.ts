import type { Run } from '../../measurement/run.ts'
import type { Part } from '../../measurement/stage.ts'
import type { Mode, Trial } from '../../measurement/trial.ts'
import { analyseArm } from '../arm-analysis.ts'
import { costOver, sharedSteps } from '../compare/compare.ts'
import { isValid } from '../compare/comparison.ts'
import { modeOf } from '../levels.ts'

/** One observation in a two-way layout: a figure of one trial, on the scale that is analysed. */
export interface Observation {
  readonly framework: string
  readonly mode: string
  readonly y: number
}

export const FACTORS = ['mode', 'framework'] as const
export type Factor = (typeof FACTORS)[number]

/**
 * What of the observations forms a grid: a level that meets only one level of the other factor says
 * nothing of either, and is left out, until none is left. Cells may be missing.
 *
 * @returns null if less than 2 × 2 is left
 */
export function gridOf(observations: readonly Observation[]): readonly Observation[] | null {
  const kept = observations.filter((one) =>
    FACTORS.every((factor) => partners(observations, factor, one[factor]) > 1),
  )
  if (kept.length === 0) return null
  return kept.length === observations.length ? kept : gridOf(kept)
}

/** Levels of a factor, in the order in which they come. */
export function levelsOf(observations: readonly Observation[], factor: Factor): string[] {
  return [...new Set(observations.map((one) => one[factor]))]
}

/** Observations by cell. */
export function cellsOf(observations: readonly Observation[]): Observation[][] {
  return [...Map.groupBy(observations, ({ framework, mode }) => `${framework}\n${mode}`).values()]
}

/** How many levels of the other factor a level was seen with. */
function partners(observations: readonly Observation[], factor: Factor, level: string): number {
  const other = factor === 'mode' ? 'framework' : 'mode'
  return levelsOf(
    observations.filter((one) => one[factor] === level),
    other,
  ).length
}

export const FIGURES = ['crossing', 'ceiling', 'app CPU', 'database CPU'] as const
export type FigureName = (typeof FIGURES)[number]

interface Seen extends ArmFactors {
  readonly trial: Trial
}

/** A figure of every trial of the arms that may form a grid, on the logarithm: effects are ratios. */
export function observe(
  run: Pick<Run, 'configuration' | 'trials'>,
  name: FigureName,
): Observation[] {
  const seen = armFactors(run).flatMap((factors): Seen[] =>
    run.trials
      .filter(({ arm, stages }) => arm === factors.arm && stages.some(isValid))
      .map((trial) => ({ ...factors, trial })),
  )
  const figure = figureOf(run, seen, name)
  return seen.flatMap(({ framework, mode, trial }): Observation[] => {
    const value = figure(trial)
    return value === null || value <= 0 ? [] : [{ framework, mode, y: Math.log(value) }]
  })
}

function figureOf(
  run: Pick<Run, 'configuration' | 'trials'>,
  seen: readonly Seen[],
  name: FigureName,
): (trial: Trial) => number | null {
  if (name === 'crossing' || name === 'ceiling') {
    const arms = new Map(
      [...new Set(seen.map(({ arm }) => arm))].map((arm) => [arm, analyseArm(run, arm).byTrial]),
    )
    return ({ arm, index }) => {
      const found = arms.get(arm)?.get(index)
      if (name === 'ceiling') return found?.ceilingPerS ?? null
      return found?.crossing.state === 'crossed' ? found.crossing.users : null
    }
  }
  const part: Part = name === 'app CPU' ? 'app' : 'db'
  const steps = sharedSteps(
    seen.map(({ trial }) => trial),
    part,
  )
  return (trial) => costOver(trial, part, steps)
}

/** The reference service's arms are named after their mode alone. */
const REFERENCE = 'reference'

/** What was varied to make an arm. */
export interface ArmFactors {
  readonly arm: string
  readonly framework: string
  readonly mode: Mode
}

/**
 * Framework and mode of each arm, from its name: `framework-mode`, or the mode alone. An arm of another
 * name (a target, the floor) stands in no grid.
 */
export function armFactors(run: Pick<Run, 'configuration'>): ArmFactors[] {
  return run.configuration.arms.flatMap(({ name: arm }): ArmFactors[] => {
    const mode = modeOf(run, arm)
    if (mode === null) return []
    if (arm === mode) return [{ arm, framework: REFERENCE, mode }]
    const suffix = `-${mode}`
    const framework = arm.endsWith(suffix) ? arm.slice(0, -suffix.length) : ''
    return framework === '' ? [] : [{ arm, framework, mode }]
  })
}
