import type { Run } from '../measurement/run.ts'
import type { Stage } from '../measurement/stage.ts'
import { mean } from './moments.ts'

/** All stages of one arm at one number of users, over its trials. */
export interface Level {
  readonly users: number
  /** A step of the ramp in at least one trial; else only a probe of the search. */
  readonly ramp: boolean
  readonly valid: readonly Stage[]
  readonly invalid: readonly Stage[]
}

/** Arms in the order in which they were asked for, then any others that were measured. */
export function armNames({
  configuration,
  trials,
}: Pick<Run, 'configuration' | 'trials'>): string[] {
  return [
    ...new Set([...configuration.arms, ...trials.map(({ arm: name }) => ({ name }))].map(nameOf)),
  ]
}

const nameOf = ({ name }: { name: string }) => name

/** The levels of an arm, by number of users. */
export function levels({ trials }: Pick<Run, 'trials'>, arm: string): Level[] {
  const stages = trials.filter((trial) => trial.arm === arm).flatMap((trial) => trial.stages)
  const byUsers = Map.groupBy(stages, (stage) => stage.users)
  return [...byUsers]
    .toSorted(([a], [b]) => a - b)
    .map(([users, all]) => ({
      users,
      ramp: all.some((stage) => stage.kind === 'ramp'),
      valid: all.filter((stage) => stage.validity.valid),
      invalid: all.filter((stage) => !stage.validity.valid),
    }))
}

/** Mean of a figure over the valid stages of a level; null where none has it. */
export function meanAt(
  level: Level,
  figure: (stage: Stage) => number | null | undefined,
): number | null {
  const values = level.valid.map(figure).filter((value) => typeof value === 'number')
  return values.length === 0 ? null : mean(values)
}
