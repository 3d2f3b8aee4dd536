import type { Configuration } from '../measurement/run.ts'
import { stepsOf } from '../plan/plan.ts'
import type { Stage } from '../measurement/stage.ts'
import type { StagePlan } from './stage.ts'

/** Response times of the stage before: what it left in the queues is answered before the next window. */
const DRAIN_CYCLES = 1.5
/**
 * A jump to this many times the users, by a service that already lets them wait, takes it long to settle: for some
 * seconds it answers fewer than it will, and the queue that this left drains through the window (seen in
 * compose-fit-quick-i: 577, 689, 764, 818 requests in the first four seconds).
 */
const JUMP = 1.15
const JUMP_WARM_UPS = 2
/** From this share of the think time on users wait. */
const BUSY = 1 / 20

const meanOf = ({ min, max }: Configuration['thinkMs']): number => (min + max) / 2

/**
 * The stages of a trial, one after another: the ramp, one probe after another for as long as the search asks
 * for one, the first step once more.
 *
 * @param stages those that are over; grows while this goes on
 * @param index of the trial among those of its arm
 */
export function* stagePlans(
  configuration: Configuration,
  stages: readonly Stage[],
  nextProbe: () => number | null,
  index = 0,
): Generator<StagePlan> {
  const { thinkMs, warmUpS, holdS } = configuration
  const { warmUpMostS = warmUpS, holdMostS = holdS } = configuration
  const isAdaptive = warmUpMostS > warmUpS
  const hold = (users: number) => {
    const last = stages.at(-1)
    const lastMs = last?.waited?.meanMs ?? last?.all.meanMs ?? 0
    const drainMs = DRAIN_CYCLES * lastMs
    const jumps =
      last !== undefined && users >= JUMP * last.users && lastMs >= BUSY * meanOf(thinkMs)
    const mostS = isAdaptive && jumps ? JUMP_WARM_UPS * warmUpMostS : warmUpMostS
    return {
      thinkMs,
      warmUpMs: Math.max(warmUpS * 1000, drainMs),
      warmUpMostMs: Math.max(mostS * 1000, drainMs),
      holdMs: holdS * 1000,
      holdMostMs: holdMostS * 1000,
    }
  }
  for (const users of stepsOf(configuration, index)) yield { kind: 'ramp', users, ...hold(users) }
  while (configuration.search) {
    const users = nextProbe()
    if (users === null) break
    yield { kind: 'probe', users, ...hold(users) }
  }
  const [first] = configuration.users
  if (configuration.control && first !== undefined)
    yield { kind: 'control', users: first, ...hold(first) }
}
