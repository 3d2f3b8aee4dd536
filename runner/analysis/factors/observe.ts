import type { Run } from '../../measurement/run.ts'
import type { Part } from '../../measurement/stage.ts'
import type { Trial } from '../../measurement/trial.ts'
import { ceilingOf } from '../ceiling.ts'
import { costOver, sharedSteps } from '../compare/cost.ts'
import { isValid } from '../compare/side.ts'
import { locate } from '../crossing.ts'
import { responses } from '../response.ts'
import { armFactors, type ArmFactors } from './arm-factors.ts'
import type { Observation } from './grid.ts'

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
  { configuration }: Pick<Run, 'configuration'>,
  seen: readonly Seen[],
  name: FigureName,
): (trial: Trial) => number | null {
  const crossing = ({ stages }: Trial) => {
    const found = locate(responses(stages, configuration.thresholdOn), configuration.thresholdMs)
    return found.state === 'crossed' ? found.users : null
  }
  if (name === 'crossing') return crossing
  // The most requests seen are a ceiling only of a trial that was pushed past its crossing.
  if (name === 'ceiling')
    return (trial) => (crossing(trial) === null ? null : (ceilingOf(trial.stages)?.perS ?? null))
  const part: Part = name === 'app CPU' ? 'app' : 'db'
  const steps = sharedSteps(
    seen.map(({ trial }) => trial),
    part,
  )
  return (trial) => costOver(trial, part, steps)
}
