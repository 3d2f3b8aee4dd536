import type { Configuration } from '../measurement/run.ts'
import type { Study, StudyHosts } from '../measurement/study.ts'
import type { Mode, Trial } from '../measurement/trial.ts'
import { CROSSING } from './profiles.ts'

/** What `--hosts` asks for. */
export type HostsRequest =
  | Readonly<{ kind: 'pinned' | 'fit' }>
  | Readonly<{ kind: 'speed'; speed: number }>
  /** As fast as the hosts of the study. */
  | Readonly<{ kind: 'studied'; study: Study }>

/** The request as it was written. */
export function hostsWord(request: HostsRequest): string {
  if (request.kind === 'speed') return String(request.speed)
  return request.kind === 'studied' ? request.study.id : request.kind
}

export type Hosts = NonNullable<Configuration['hosts']>

type Vcpus = Pick<StudyHosts, 'appVcpus' | 'dbVcpus'>

/** As compose.yaml pins them. */
const PINNED: Vcpus = { appVcpus: 1, dbVcpus: 2 }

/**
 * us. The kernel's and Docker's own. docs/method/cpu-period.md shows what a shorter one does.
 */
export const CPU_PERIOD_US = 100_000
/** us. The kernel takes no shorter quota. */
const LEAST_QUOTA_US = 1_000

/** Cores of one vCPU: below, a quota is shorter than the kernel allows. */
const LEAST_SPEED = LEAST_QUOTA_US / CPU_PERIOD_US

/**
 * Cores that the kit needs beside the hosts. A request of the shop costs the runner, Nginx and the engine together
 * about what it costs the application, and all bursts need room.
 */
const KIT_CORES = 0.8

/**
 * The largest speed at which application, database and the kit itself fit the machine, so that nothing
 * competes. Never faster than pinned: the vCPUs as whole cores.
 */
export function fitSpeed(cores: number): number {
  const vcpus = PINNED.appVcpus + PINNED.dbVcpus
  // One core is too few for both: then the hosts get half of it.
  const spare = cores < 2 ? cores / 2 : cores - KIT_CORES
  return Math.min(1, Math.max(LEAST_SPEED, Math.floor((100 * spare) / vcpus) / 100))
}

/** The largest speed at which the database's limit is no more than the machine has. */
export const mostSpeed = (cores: number, { dbVcpus } = PINNED): number => cores / dbVcpus

/**
 * @param cores of the machine
 * @param study whose id is a word for its hosts
 * @returns the request, or the fault with what is possible
 */
export function parseHosts(
  text: string,
  cores: number,
  study: Study | null,
): HostsRequest | string {
  if (text === 'pinned' || text === 'fit') return { kind: text }
  if (study && text === study.id) return { kind: 'studied', study }
  const speed = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
  const most = mostSpeed(cores)
  if (speed >= LEAST_SPEED && speed <= most) return { kind: 'speed', speed }
  return (
    `--hosts ${text}: there is pinned, fit, ${study ? `${study.id}, ` : ''}or a speed from ${LEAST_SPEED} to ${most} ` +
    `(cores of this machine for one vCPU${study ? ` of ${study.name}` : ''}; the database has two).`
  )
}

/** The limits of both hosts at a speed. @param vcpus of a study; else as they are pinned */
export function limitsAt(
  speed: number,
  { appVcpus, dbVcpus }: Vcpus = PINNED,
): Pick<Hosts, 'speed' | 'appCores' | 'dbCores' | 'periodUs'> {
  return {
    speed,
    appCores: speed * appVcpus,
    dbCores: speed * dbVcpus,
    periodUs: CPU_PERIOD_US,
  }
}

/** ms. A pilot: its arm at full speed, then on the hosts that are asked for. */
export const PILOT = { startMs: 5_000, warmUpMs: 2_000, holdMs: 6_000 } as const

/** What the fitted arm served at most in a pilot, on hosts of a speed. */
export type PilotCeiling = Readonly<{ speed: number; ceilingPerS: number }>

/** About one round of three arms: a machine goes to and fro within minutes, and one pilot is seconds. */
const PILOTS_THAT_COUNT = 3
/** A pilot that is off by this factor stood still for most of its seconds: no machine changes so much. */
const STALLED = 2

/**
 * The speed at which the fitted arm serves what it serves in the study, by what the last pilots found a core
 * to be worth.
 *
 * @param pilots oldest first, one at least
 * @param most that the machine has
 * @param goalPerS requests/s of the study
 */
export function speedByPilots(
  pilots: readonly PilotCeiling[],
  most: number,
  goalPerS: number,
): number {
  const last = pilots
    .slice(-PILOTS_THAT_COUNT)
    .map(({ speed, ceilingPerS }) => ceilingPerS / speed)
    .toSorted((a, b) => a - b)
  // Only stalls are looked for, and they make a pilot too slow: of two the faster one is right.
  const usual = last[Math.floor(last.length / 2)] ?? NaN
  const perCore = mean(last.filter((one) => one > usual / STALLED))
  return Math.max(LEAST_SPEED, Math.min(most, roundSpeed(goalPerS / perCore)))
}

/** Factor by which what a core is worth goes to and fro on a machine that others share, within a minute. */
const SAME_WORTH = 1.15
/**
 * Do the last pilots say of one core nearly the same? Then it is the machine that moves, and another pilot would
 * find another speed: their mean is the best that is known, and each trial is fitted again.
 */
export function pilotsAgree(pilots: readonly PilotCeiling[]): boolean {
  const worth = pilots
    .slice(-PILOTS_THAT_COUNT)
    .map(({ speed, ceilingPerS }) => ceilingPerS / speed)
  return worth.length === PILOTS_THAT_COUNT && Math.max(...worth) <= SAME_WORTH * Math.min(...worth)
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

export const roundSpeed = (speed: number): number => Math.round(speed * 1000) / 1000

/**
 * How many of this machine's users are one of a profile's ramp: by Little's law an arm that serves X
 * requests/s at most crosses the threshold at X (R + Z) users, the pool of the ramp at CROSSING.
 *
 * @param ceilingPerS of the arm that plays the pool
 * @returns two significant digits, so that the steps of the ramp are read easily
 */
export function rampFactorOf(
  ceilingPerS: number,
  { thresholdMs, thinkMs }: Pick<Configuration, 'thresholdMs' | 'thinkMs'>,
): number {
  const crossing = (ceilingPerS * (thresholdMs + (thinkMs.min + thinkMs.max) / 2)) / 1000
  return Number((crossing / CROSSING).toPrecision(2))
}

/** How many of this machine's users are one of the study's, whose ramp has a crossing of its own. */
export const usersOfStudy = (rampFactor: number, { ramp }: Study): number =>
  Number((rampFactor * (CROSSING / ramp.crossing)).toPrecision(3))

/**
 * The arm that plays the pool, of several the one in the middle: at an end of a factor the ramp
 * would fit no other level. One that connects for each request, to a pooler, is no pool itself.
 *
 * @param modes of all arms that there are, by name
 */
export function poolAmong(
  arms: Configuration['arms'],
  modes: ReadonlyMap<string, Mode | null>,
): string | undefined {
  const kept = arms.filter(({ mode }) => mode === 'pooled')
  const own = kept.filter(({ from }) => modes.get(from ?? '') !== 'per-request')
  const pools = own.length > 0 ? own : kept
  return (pools[Math.floor(pools.length / 2)] ?? arms[0])?.name
}

/** The ramp in the machine's own users; each step has at least one user more than the one before. */
export function scaledRamp(users: readonly number[], factor: number): number[] {
  const steps: number[] = []
  for (const step of users)
    steps.push(Math.max(1, (steps.at(-1) ?? 0) + 1, Math.round(step * factor)))
  return steps
}

const HOSTS: Readonly<Record<string, string>> = {
  pinned: 'pinned hosts',
  fit: 'hosts that fit the machine',
  speed: 'hosts of a given speed',
}

/**
 * The hosts in words for a table: which, and how fast.
 *
 * @param trials whose hosts may have been fitted again, each for itself
 * @param study whose hosts they may be
 */
export function hostsText(
  { kind, appCores, dbCores, periodUs }: Hosts,
  trials: readonly Pick<Trial, 'hosts'>[],
  study: Study | null | undefined,
): string {
  const name = kind === study?.id ? study.name : 'the study'
  const app = limitsText('app', trials) ?? cores(appCores)
  const db = limitsText('db', trials) ?? cores(dbCores)
  const limits = `app ${app}, database ${db} cores`
  return `${HOSTS[kind] ?? `${name}’s hosts, fitted`}: ${limits}, CFS period ${periodUs / 1000} ms`
}

/** The cores that a part had in trials with hosts of their own, least and most; null where none has. */
export function limitsText(
  part: 'app' | 'db',
  trials: readonly Pick<Trial, 'hosts'>[],
): string | null {
  const limits = trials.flatMap(({ hosts }) =>
    hosts === undefined ? [] : [part === 'app' ? hosts.appCores : hosts.dbCores],
  )
  return limits.length === 0 ? null : range(limits)
}

const range = (values: readonly number[]): string =>
  [...new Set([Math.min(...values), Math.max(...values)].map(cores))].join(' to ')

const cores = (value: number): string => String(Number(value.toPrecision(3)))
