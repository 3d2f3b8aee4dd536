import type { Configuration } from '../measurement/run.ts'

/** Users that one process of the runner may be given by the search: beyond what its event loop drives validly. */
const USERS_A_LOADER = 4_000
/** Users for whom nginx/front-door is sized. */
const FRONT_DOOR_USERS = 4_000

/**
 * Most users that the search tries: what the runner's processes, their open files and the front door hold.
 *
 * @param connections that one process can have open; null where the system does not say
 */
export function searchCeiling({
  loaders,
  connections,
  hasFrontDoor,
}: Readonly<{ loaders: number; connections: number | null; hasFrontDoor: boolean }>): number {
  const each = Math.min(USERS_A_LOADER, connections ?? Infinity)
  return Math.max(1, Math.min(loaders * each, hasFrontDoor ? FRONT_DOOR_USERS : Infinity))
}

/** How far the search may go, as a sentence after another; empty without a search. */
export function ceilingText({ search, maxUsers, loaders = 1 }: Configuration): string {
  if (!search || maxUsers === undefined) return ''
  const processes = loaders === 1 ? 'one loader' : `${loaders} loaders`
  return ` The search tries ${maxUsers} users at most: as many as ${processes} can hold on this testbed.`
}

/**
 * Bytes of run.json and of telemetry.csv by what they are of, with room: in results/reference a stage without
 * its seconds has 3.9 kB at most, a loader in it 0.3 kB, a second 85 bytes, a trial without its stages 1 kB, and a
 * run without its trials 19 kB.
 */
const BYTES = { run: 40_000, trial: 2_500, stage: 6_000, loader: 400, second: 90 }
/** A row of telemetry.csv, and the parts that have one each second. */
const [ROW_BYTES, PARTS] = [110, 7]

/** Probes of a search that names no bound. */
const MOST_PROBES = 12

/** What a run's files grow to at most, in bytes. */
export function mostBytes(configuration: Configuration): Readonly<{ run: number; rows: number }> {
  const { arms, trials, users, search, maxProbes = MOST_PROBES, loaders = 0 } = configuration
  const { holdS, holdMostS = holdS } = configuration
  const { stepsPerTrial = users.length } = configuration
  const stages = stepsPerTrial + (configuration.control ? 1 : 0) + (search ? maxProbes : 0)
  const seconds = Math.ceil(Math.max(holdS, holdMostS))
  const stageBytes = BYTES.stage + loaders * BYTES.loader + seconds * BYTES.second
  const all = arms.length * trials
  return {
    run: BYTES.run + all * (BYTES.trial + stages * stageBytes),
    rows: all * stages * (seconds + 1) * PARTS * ROW_BYTES,
  }
}

/**
 * Trials of each arm whose files can be read back.
 *
 * @param readable bytes of each file that its reader takes
 * @returns 0 if not even one has room
 */
export function mostTrials(
  configuration: Configuration,
  readable: ReturnType<typeof mostBytes>,
): number {
  const none = mostBytes({ ...configuration, trials: 0 })
  const one = mostBytes({ ...configuration, trials: 1 })
  return Math.max(
    0,
    Math.floor(
      Math.min(
        (readable.run - none.run) / (one.run - none.run),
        (readable.rows - none.rows) / (one.rows - none.rows),
      ),
    ),
  )
}
