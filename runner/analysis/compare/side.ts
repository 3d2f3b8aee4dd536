import type { Run } from '../../measurement/run.ts'
import type { Stage } from '../../measurement/stage.ts'
import type { Trial } from '../../measurement/trial.ts'

/** One side of a comparison: a run, or several alike ones whose trials are taken together. */
export interface Side {
  /** `A` or `B`. */
  readonly name: string
  readonly runs: readonly [Run, ...Run[]]
}

/** The trials of all runs of a side, numbered through, as if of one run. */
export function pooled({ runs }: Side): Run {
  const [first] = runs
  const trials = runs.flatMap((run) => run.trials)
  const seen = new Map<string, number>()
  const numbered = trials.map((trial, order): Trial => {
    const index = seen.get(trial.arm) ?? 0
    seen.set(trial.arm, index + 1)
    return { ...trial, index, order }
  })
  return { ...first, trials: numbered }
}

/** The trials of an arm that have a valid stage. */
export function trialsOf({ trials }: Pick<Run, 'trials'>, arm: string): Trial[] {
  return trials.filter((trial) => trial.arm === arm && trial.stages.some(isValid))
}

export const isValid = ({ validity }: Stage): boolean => validity.valid

/** Arms that have a valid stage. */
export function measuredArms(run: Run): string[] {
  const names = run.configuration.arms.map(({ name }) => name)
  return names.filter((arm) => trialsOf(run, arm).length > 0)
}
