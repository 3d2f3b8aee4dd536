import type { Configuration } from '../measurement/run.ts'
import type { Stage } from '../measurement/stage.ts'
import type { StagePlan } from './stage.ts'

/** Response times of the stage before: what it left in the queues is answered before the next window. */
const DRAIN_CYCLES = 1.5

/**
 * The stages of a trial, one after another: the ramp, one probe after another for as long as the search asks
 * for one, the first step once more.
 *
 * @param stages those that are over; grows while this goes on
 */
export function* stagePlans(
  configuration: Configuration,
  stages: readonly Stage[],
  nextProbe: () => number | null,
): Generator<StagePlan> {
  const { thinkMs, warmUpS, holdS } = configuration
  const { warmUpMostS = warmUpS, holdMostS = holdS } = configuration
  const hold = () => {
    const drainMs = DRAIN_CYCLES * (stages.at(-1)?.all.meanMs ?? 0)
    return {
      thinkMs,
      warmUpMs: Math.max(warmUpS * 1000, drainMs),
      warmUpMostMs: Math.max(warmUpMostS * 1000, drainMs),
      holdMs: holdS * 1000,
      holdMostMs: holdMostS * 1000,
    }
  }
  for (const users of configuration.users) yield { kind: 'ramp', users, ...hold() }
  while (configuration.search) {
    const users = nextProbe()
    if (users === null) break
    yield { kind: 'probe', users, ...hold() }
  }
  const [first] = configuration.users
  if (configuration.control && first !== undefined)
    yield { kind: 'control', users: first, ...hold() }
}
