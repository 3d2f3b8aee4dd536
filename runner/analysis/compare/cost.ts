import type { Part } from '../../measurement/stage.ts'
import type { Trial } from '../../measurement/trial.ts'
import { geometricMean } from '../bootstrap.ts'
import { isValid } from './side.ts'

/**
 * CPU for each request at equal load: over those steps of the ramp that are valid, and have the figure,
 * in every one of these trials, so that no trial's mean is of other loads than another's.
 */
export function sharedSteps(trials: readonly Trial[], part: Part): number[] {
  const [first, ...others] = trials.map((trial) => steps(trial, part))
  return [...(first?.keys() ?? [])].filter((users) => others.every((other) => other.has(users)))
}

/** Geometric mean over the steps. µs a request; null without a step. */
export function costOver(trial: Trial, part: Part, users: readonly number[]): number | null {
  const found = steps(trial, part)
  const values = users.map((count) => found.get(count)).filter((value) => value !== undefined)
  return values.length === 0 ? null : geometricMean(values)
}

/** µs a request by users. */
function steps({ stages }: Trial, part: Part): ReadonlyMap<number, number> {
  return new Map(
    stages.filter(isValid).flatMap((stage): [number, number][] => {
      const cost = stage.kind === 'ramp' ? stage.cpu[part]?.usPerRequest : null
      return typeof cost === 'number' && cost > 0 ? [[stage.users, cost]] : []
    }),
  )
}
