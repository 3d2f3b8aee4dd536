import type { Run } from '../measurement/run.ts'
import type { Stage } from '../measurement/stage.ts'
import type { Mode } from '../measurement/trial.ts'
import { responseMs } from './crossing/estimate.ts'
import { type Estimate, halfWidth } from './statistics/batch-means.ts'
import { mean, variance } from './statistics/moments.ts'

/** All stages of one arm at one number of users, over its trials. */
export type Level = Readonly<{
  users: number
  /** A step of the ramp in at least one trial; else only a probe of the search. */
  ramp: boolean
  valid: readonly Stage[]
  invalid: readonly Stage[]
}>

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
  const stages = trials
    .filter((trial) => trial.arm === arm)
    .flatMap((trial) => trial.stages.filter(({ kind }) => kind !== 'control'))
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

/** The mode an arm promises; null if it promises none that is known. */
export function modeOf({ configuration }: Pick<Run, 'configuration'>, arm: string): Mode | null {
  const mode = configuration.arms.find(({ name }) => name === arm)?.mode
  return mode === 'pooled' || mode === 'persistent' || mode === 'per-request' ? mode : null
}

export type Measured = Readonly<{
  mean: number
  /** 95 % interval: over the trials' stages, or of the only stage's batch means; null if unknown. */
  interval: { readonly low: number; readonly high: number } | null
}>

/**
 * A figure of a level with its 95 % interval by Student's t.
 *
 * @param within the figure's error within one stage, where its seconds tell it
 */
export function measuredAt(
  level: Level,
  figure: (stage: Stage) => number | null | undefined,
  within?: (stage: Stage) => Estimate | null,
): Measured | null {
  const values = level.valid.map(figure).filter((value) => typeof value === 'number')
  const [only] = level.valid
  if (values.length === 0 || !only) return null
  const centre = mean(values)
  const estimate =
    values.length > 1
      ? {
          mean: centre,
          error: Math.sqrt(variance(values) / values.length),
          freedom: values.length - 1,
        }
      : (within?.(only) ?? null)
  if (!estimate) return { mean: centre, interval: null }
  const half = halfWidth(estimate)
  return { mean: centre, interval: { low: centre - half, high: centre + half } }
}

export type EqualUsers = Readonly<{
  /** The users that all arms are compared at; null where no step of the ramp is valid in all. */
  shared: number | null
  arms: readonly { readonly arm: string; readonly level: Level }[]
}>

/**
 * The most users that every measured arm served validly on the ramp, and below the threshold: past it the same
 * users are another load. Without such a step each arm stands at its own last one, or at its first where it
 * has none below the threshold.
 */
export function equalUsers(run: Pick<Run, 'configuration' | 'trials'>): EqualUsers {
  const { thresholdMs, thresholdOn } = run.configuration
  const ramps = armNames(run)
    .map((arm) => {
      const valid = levels(run, arm).filter((level) => level.ramp && level.valid.length > 0)
      const below = valid.filter(
        (level) =>
          (meanAt(level, (stage) => responseMs(stage, thresholdOn)) ?? Infinity) < thresholdMs,
      )
      return { arm, below, ramp: below.length > 0 ? below : valid.slice(0, 1) }
    })
    .filter(({ ramp }) => ramp.length > 0)
  const users = (ramps[0]?.below ?? []).map((level) => level.users)
  const common = users.filter((count) =>
    ramps.every(({ below }) => below.some((at) => at.users === count)),
  )
  const shared = common.at(-1) ?? null
  return {
    shared,
    arms: ramps.flatMap(({ arm, ramp }) => {
      const level = shared === null ? ramp.at(-1) : ramp.find((at) => at.users === shared)
      return level ? [{ arm, level }] : []
    }),
  }
}

/** Of an arm's ceiling: busy, and still before its knee. */
export const UTILISATION = 0.7
/** A stage within this factor of that utilisation stands for it. */
const ABOUT = 1.25

/**
 * The level of each arm at which it serves nearest to 70 % of its ceiling: where arms of different speed
 * are as busy as each other. One past the threshold is as busy as can be, however little it serves. An arm
 * without a ceiling, or without a level near to that, is left out.
 */
export function equalUtilisation(
  run: Pick<Run, 'configuration' | 'trials'>,
  ceilings: ReadonlyMap<string, number>,
): { readonly arm: string; readonly level: Level }[] {
  return [...ceilings].flatMap(([arm, ceilingPerS]) => {
    const away = (level: Level) => {
      const perS = meanAt(level, ({ all }) => all.throughputPerS) ?? 0
      return Math.abs(Math.log(perS / (UTILISATION * ceilingPerS)))
    }
    const { thresholdMs, thresholdOn } = run.configuration
    const [nearest] = levels(run, arm)
      .filter(
        (level) =>
          (meanAt(level, (stage) => responseMs(stage, thresholdOn)) ?? Infinity) < thresholdMs,
      )
      .toSorted((a, b) => away(a) - away(b))
    return nearest && away(nearest) <= Math.log(ABOUT) ? [{ arm, level: nearest }] : []
  })
}
