import type { Configuration } from '../measurement/run.ts'
import { PILOT } from './hosts.ts'

export type Plan = Readonly<{
  configuration: Configuration
  trials: readonly PlannedTrial[]
}>

/** What a trial takes besides its stages: a fresh database, a fresh process, the contract check, settling, draining, the audit. */
const TRIAL_OVERHEAD_MS = 6_500
/** What a stage takes besides its holds: reading counters and waiting for the last answers. */
const STAGE_OVERHEAD_MS = 400
/** What a pilot takes besides its load: a fresh database and its end. */
const PILOT_OVERHEAD_MS = 2_000
/** Probes of a search, on average over the runs in results/reference that were taken before the law was used. */
const TYPICAL_PROBES = 6
/** Since, on average over compose-fit-quick-a to -c; and the share of a smaller most that -h to -o took. */
const PROBES = 6.2
const OF_MOST = 0.92
/** Where a pilot scaled the ramp it shows the crossing of an arm as fast as the pool: simulated, over three arms. */
const SCALED_PROBES = 2.3
/** Steps of such a ramp below the knee, whose warm-up and window stay at their least. */
const QUIET_STEPS = 2

/** @param random uniform in [0, 1), seeded with the configuration's seed */
export function planRun(configuration: Configuration, random: () => number): Plan {
  const arms = configuration.arms.map((arm) => arm.name)
  return { configuration, trials: schedule(arms, configuration.trials, random) }
}

/** What so many trials of a run are likely to take, in ms: once its hosts and its ramp are known. */
export function estimatedMs(configuration: Configuration, trials: number): number {
  const { warmUpS, holdS, warmUpMostS = warmUpS, holdMostS = holdS, control } = configuration
  const startMs = (configuration.startS ?? 0) * 1000
  const stepMs = (warmUpS + holdS) * 1000 + STAGE_OVERHEAD_MS
  // Near the crossing the warm-up and the window grow to their most, nearly always.
  const probeMs = (warmUpMostS + holdMostS) * 1000 + STAGE_OVERHEAD_MS
  const steps = stepsOf(configuration, 0).length
  const isSpread = configuration.stepsPerTrial !== undefined
  const isScaled = configuration.rampFactor !== undefined && !isSpread
  const busy = isScaled ? Math.max(0, steps - QUIET_STEPS) : 0
  const quiet = steps - busy + (control ? 1 : 0)
  const typical = isScaled ? SCALED_PROBES : control ? PROBES : TYPICAL_PROBES
  const { search, maxProbes = Infinity } = configuration
  const probes = search ? Math.min(typical, OF_MOST * maxProbes) : 0
  const pilotMs = configuration.hosts?.fit?.eachTrial
    ? PILOT.startMs + PILOT.warmUpMs + PILOT.holdMs + PILOT_OVERHEAD_MS
    : 0
  return (
    trials * (TRIAL_OVERHEAD_MS + pilotMs + startMs + quiet * stepMs + (busy + probes) * probeMs)
  )
}

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }

/** A duration such as `500ms`, `2.5s` or `5m`, in milliseconds; null if it is none. */
export function parseDurationMs(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text.trim())
  const factor = MS_PER_UNIT[match?.[2] ?? '']
  return factor === undefined ? null : Number(match?.[1]) * factor
}

/** A duration to be read by people: `45 s`, `7 min`, `1 h 30 min`, `12 days`. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  if (minutes >= 48 * 60) return `${Math.round(minutes / 60 / 24)} days`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** One arm taken through the ramp once: which arm, which trial of it, and when in the run. */
export type PlannedTrial = Readonly<{ arm: string; index: number; order: number }>

/**
 * The order of all trials: each round is a randomised block, one trial of every arm in an order drawn for
 * it, so that what the machine does meanwhile is no property of an arm.
 * Source: Montgomery, Design and Analysis of Experiments, 8th ed. 2013, section 4.1.
 *
 * @param random uniform in [0, 1)
 */
export function schedule(
  arms: readonly string[],
  trials: number,
  random: () => number,
): PlannedTrial[] {
  const planned: PlannedTrial[] = []
  for (let index = 0; index < trials; index += 1) {
    for (const arm of shuffle(arms, random)) planned.push({ arm, index, order: planned.length })
  }
  return planned
}

/**
 * The steps of the ramp that a trial takes: all, or so many of them that the trials of an arm take all in turn. Those
 * that follow each other are far apart, and the first is not at an end: the search begins from it.
 *
 * @param index of the trial among those of its arm, from 0
 * @returns users, rising
 */
export function stepsOf(
  {
    users,
    stepsPerTrial = users.length,
  }: Readonly<{
    users: readonly number[]
    stepsPerTrial?: number | undefined
  }>,
  index: number,
): number[] {
  const count = users.length
  if (stepsPerTrial >= count) return [...users]
  const stride = [2, 3, 5, 7].find((one) => count % one !== 0) ?? 1
  const turns = Array.from({ length: stepsPerTrial }, (_, at) => index * stepsPerTrial + at)
  return turns.map((turn) => users[(1 + turn * stride) % count] ?? 1).toSorted((a, b) => a - b)
}

/**
 * So many steps of a ramp a trial, or more where the trials are too few to take all of them in turn.
 *
 * @returns nothing where that is the whole ramp
 */
export function inTurn(
  { users, trials }: Readonly<{ users: readonly number[]; trials: number }>,
  stepsPerTrial: number,
): Pick<Configuration, 'stepsPerTrial'> {
  const least = Math.max(stepsPerTrial, Math.ceil(users.length / trials))
  return least < users.length ? { stepsPerTrial: least } : {}
}

/** A load seed of its own for each trial, from the run's: no two trials take the same journeys. */
export function trialSeed(seed: number, order: number): number {
  // Weyl's sequence on the golden ratio: as far apart as 32 bits allow.
  return (seed + Math.imul(order + 1, 0x9e3779b9)) >>> 0
}

/** Fisher and Yates, as in Knuth, The Art of Computer Programming 3.4.2, algorithm P. */
function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items]
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const pick = Math.floor(random() * (last + 1))
    const [a, b] = [shuffled[last] as T, shuffled[pick] as T]
    shuffled[last] = b
    shuffled[pick] = a
  }
  return shuffled
}
