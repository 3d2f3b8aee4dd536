import type { Configuration } from '../measurement/run.ts'
import { THINK_SPREAD } from '../load/think.ts'
import { chooseArms, DEFAULT_GROUP, groupNames, type Arm } from '../plan/arms.ts'
import type { RunOptions } from './run-options.ts'
import { UsageError } from './usage.ts'

/**
 * What the run will do, on the arms that this testbed has.
 *
 * @throws UsageError naming every arm that is not there
 */
export function configurationOf(options: RunOptions, available: readonly Arm[]): Configuration {
  const { arms, unknown } = chooseArms(options.arms ?? [DEFAULT_GROUP], available)
  if (unknown.length > 0) {
    const names = available.map((arm) => arm.name)
    const known = [...names, ...groupNames(available)].join(', ')
    throw new UsageError([`--arms: there is no ${unknown.join(', ')} here. There is ${known}.`])
  }
  return {
    profile: options.profile,
    arms: arms.map(({ name, mode }) => ({ name, mode })),
    users: [...options.users],
    thinkMs: options.thinkMs,
    ...(options.thinkMs.min === options.thinkMs.max ? { thinkSpread: THINK_SPREAD } : {}),
    warmUpS: options.warmUpMs / 1000,
    holdS: options.holdMs / 1000,
    timeoutMs: options.timeoutMs,
    trials: options.trials,
    seed: options.seed,
    thresholdMs: options.thresholdMs,
    thresholdOn: options.thresholdOn,
    search: options.search,
  }
}
