import type { Configuration } from '../measurement/run.ts'
import { schedule, type PlannedTrial } from './schedule.ts'

export type Plan = Readonly<{
  configuration: Configuration
  trials: readonly PlannedTrial[]
  estimatedMs: number
}>

/** What a trial takes besides its stages: a fresh database, the contract check, settling, draining, the audit. */
const TRIAL_OVERHEAD_MS = 6_500
/** What a stage takes besides its holds: reading counters and waiting for the last answers. */
const STAGE_OVERHEAD_MS = 400
/** Probes of a search, on average over the runs in results/reference; an earlier trial of the arm spares none. */
const TYPICAL_PROBES = 6

/** @param random uniform in [0, 1), seeded with the configuration's seed */
export function planRun(configuration: Configuration, random: () => number): Plan {
  const arms = configuration.arms.map((arm) => arm.name)
  const trials = schedule(arms, configuration.trials, random)
  const stageMs = (configuration.warmUpS + configuration.holdS) * 1000 + STAGE_OVERHEAD_MS
  const stages = configuration.users.length + (configuration.search ? TYPICAL_PROBES : 0)
  const estimatedMs = trials.length * (TRIAL_OVERHEAD_MS + stages * stageMs)
  return { configuration, trials, estimatedMs }
}
