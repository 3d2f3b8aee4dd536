import type { Run } from '../../measurement/run.ts'
import type { Stage } from '../../measurement/stage.ts'
import type { Trial } from '../../measurement/trial.ts'
import type { Interval } from '../../measurement/verdict.ts'

/** What is not the same on both sides; `–` where a side does not have it. */
export type Difference = Readonly<{
  what: string
  a: string
  b: string
}>

/** One figure of one arm on both sides. */
export type Row = Readonly<{
  what: string
  unit: 'users' | 'req/s' | 'µs/req' | 'ms'
  /** Geometric mean over the trials; null where a side has no such figure. */
  a: number | null
  b: number | null
  /** Of b / a; null with fewer than three trials on a side. */
  interval: Interval | null
  /** Why there is no ratio. */
  missing?: string
}>

export type ArmComparison = Readonly<{
  arm: string
  /** What was changed to make it, and to what; absent where nothing was. */
  changed?: Readonly<{ factor: string; level: string }> | undefined
  rows: readonly Row[]
}>

export type Comparison = Readonly<{
  differences: readonly Difference[]
  /** Nothing of two sides is interleaved: what the machine did between them is in every ratio. */
  apart: Readonly<{
    /** ms from the start of A to that of B; negative where B was first. */
    ms: number
    /** ms of CPU for the same fixed work beside either side's trials; null where a side has none. */
    hostMs: Readonly<{ a: number; b: number }> | null
  }>
  arms: readonly ArmComparison[]
}>

/** Is b above or below a? `same`: the interval holds 1, so no difference is detected. */
export function answerOf({
  interval,
}: Pick<Row, 'interval'>): 'same' | 'more' | 'less' | 'unknown' {
  if (interval === null) return 'unknown'
  if ((interval.low ?? 0) > 1) return 'more'
  return (interval.high ?? Infinity) < 1 ? 'less' : 'same'
}

/** One side of a comparison: a run, or several alike ones whose trials are taken together. */
export type Side = Readonly<{
  /** `A` or `B`. */
  name: string
  runs: readonly [Run, ...Run[]]
}>

/** The trials of all runs of a side, numbered through, as if of one run. */
export function combined({ runs }: Side): Run {
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
