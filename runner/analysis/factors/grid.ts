import type { Run } from '../../measurement/run.ts'
import type { Part } from '../../measurement/stage.ts'
import type { Trial } from '../../measurement/trial.ts'
import { analysisOf } from '../arm-analysis.ts'
import { costOver, sharedSteps } from '../compare/compare.ts'
import { isValid } from '../compare/comparison.ts'
import { modeOf } from '../levels.ts'

/** One observation in a two-way layout: a figure of one trial, on the scale that is analysed. */
export type Observation = Readonly<{
  framework: string
  mode: string
  y: number
}>

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

type Seen = ArmFactors &
  Readonly<{
    trial: Trial
  }>

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
      [...new Set(seen.map(({ arm }) => arm))].map((arm) => [arm, analysisOf(run, arm).byTrial]),
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

/** What was varied to make an arm: the levels of two factors. */
export type ArmFactors = Readonly<{
  arm: string
  framework: string
  mode: string
}>

/** The two factors of a grid, for the column of a table and within a sentence. */
export type FactorNames = Readonly<
  Record<Factor, { readonly short: string; readonly long: string }>
>

const BY_NAME: FactorNames = {
  mode: { short: 'mode', long: 'the connection mode' },
  framework: { short: 'framework', long: 'the framework' },
}

/** What the two factors of this run's grid are called. */
export function factorNames(run: Pick<Run, 'configuration'>): FactorNames {
  const [factor] = variedOnTwo(run)
  if (factor === undefined) return BY_NAME
  return {
    mode: { short: factor, long: factor },
    framework: { short: 'changed from', long: 'the arm that it was changed from' },
  }
}

/**
 * The two factors of each arm: those of its labels, the level and the arm that it was changed from, where
 * one thing was changed on two arms; else framework and mode, from its name, which is `framework-mode` or
 * the mode alone. An arm of another name (a target, the floor) stands in no grid.
 */
export function armFactors(run: Pick<Run, 'configuration'>): ArmFactors[] {
  const [varied] = variedOnTwo(run)
  return run.configuration.arms.flatMap(({ name: arm, factor, level, from }): ArmFactors[] => {
    if (varied !== undefined) {
      const isVaried = factor === varied && level !== undefined && from !== undefined
      return isVaried ? [{ arm, framework: from, mode: level }] : []
    }
    const mode = modeOf(run, arm)
    if (mode === null) return []
    if (arm === mode) return [{ arm, framework: REFERENCE, mode }]
    const suffix = `-${mode}`
    const framework = arm.endsWith(suffix) ? arm.slice(0, -suffix.length) : ''
    return framework === '' ? [] : [{ arm, framework, mode }]
  })
}

/** Factors with levels in this run that were changed from more than one arm. */
function variedOnTwo({ configuration }: Pick<Run, 'configuration'>): string[] {
  const names = new Set(configuration.arms.flatMap(({ factor }) => factor ?? []))
  return [...names].filter(
    (name) =>
      new Set(configuration.arms.flatMap(({ factor, from }) => (factor === name ? [from] : [])))
        .size > 1,
  )
}
