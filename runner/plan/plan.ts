import type { Configuration } from '../measurement/run.ts'
import { schedule, type PlannedTrial } from './schedule.ts'

export type Plan = Readonly<{
  configuration: Configuration
  trials: readonly PlannedTrial[]
  estimatedMs: number
}>

/** What a trial takes besides its stages: a fresh database, the contract check, draining, the audit. */
const TRIAL_OVERHEAD_MS = 4_000
/** What a stage takes besides its holds: reading counters and waiting for the last answers. */
const STAGE_OVERHEAD_MS = 400
/** Probes that a search usually needs, and one that an earlier trial of its arm has shown the way. */
const TYPICAL_PROBES = { first: 7, later: 3 }

/** @param random uniform in [0, 1), seeded with the configuration's seed */
export function planRun(configuration: Configuration, random: () => number): Plan {
  const arms = configuration.arms.map((arm) => arm.name)
  const trials = schedule(arms, configuration.trials, random)
  const stageMs = (configuration.warmUpS + configuration.holdS) * 1000 + STAGE_OVERHEAD_MS
  const probes = ({ index }: PlannedTrial): number =>
    index === 0 ? TYPICAL_PROBES.first : TYPICAL_PROBES.later
  const estimatedMs = trials.reduce((total, trial) => {
    const stages = configuration.users.length + (configuration.search ? probes(trial) : 0)
    return total + TRIAL_OVERHEAD_MS + stages * stageMs
  }, 0)
  return { configuration, trials, estimatedMs }
}
