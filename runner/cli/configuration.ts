import type { Configuration } from '../measurement/run.ts'
import type { Arm } from '../plan/arms.ts'
import type { RunOptions } from './run-options.ts'
import { UsageError } from './usage.ts'

/**
 * What the run will do, on the arms that this testbed has.
 *
 * @throws UsageError naming every arm that is not there
 */
export function configurationOf(options: RunOptions, available: readonly Arm[]): Configuration {
  const wanted = options.arms ?? available.filter((arm) => arm.isDefault).map((arm) => arm.name)
  const arms = wanted.map((name) => available.find((arm) => arm.name === name))
  const missing = wanted.filter((_, at) => arms[at] === undefined)
  if (missing.length > 0) {
    const names = available.map((arm) => arm.name).join(', ')
    throw new UsageError([`--arms: there is no ${missing.join(', ')} here. There is ${names}.`])
  }
  return {
    profile: options.profile,
    arms: arms.flatMap((arm) => (arm === undefined ? [] : [{ name: arm.name, mode: arm.mode }])),
    users: [...options.users],
    thinkMs: options.thinkMs,
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
