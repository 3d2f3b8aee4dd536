import type { Run } from '../measurement/run.ts'
import { armNames, levels, type Level } from './levels.ts'

export interface EqualLoad {
  /** The users that all arms are compared at; null where no step of the ramp is valid in all. */
  readonly shared: number | null
  readonly arms: readonly { readonly arm: string; readonly level: Level }[]
}

/**
 * The most users that every measured arm served validly on the ramp: where a request's cost can be
 * compared. Without such a step each arm stands at its own last one.
 */
export function equalLoad(run: Pick<Run, 'configuration' | 'trials'>): EqualLoad {
  const ramps = armNames(run)
    .map((arm) => ({
      arm,
      ramp: levels(run, arm).filter((level) => level.ramp && level.valid.length > 0),
    }))
    .filter(({ ramp }) => ramp.length > 0)
  const users = (ramps[0]?.ramp ?? []).map((level) => level.users)
  const common = users.filter((count) =>
    ramps.every(({ ramp }) => ramp.some((at) => at.users === count)),
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
