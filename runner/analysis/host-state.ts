import type { Environment } from '../measurement/environment.ts'
import type { Run } from '../measurement/run.ts'
import type { Stage } from '../measurement/stage.ts'
import type { HostState, Trial } from '../measurement/trial.ts'
import { checksThat } from './checks/checks.ts'
import { geometricMean } from './statistics/moments.ts'

/** Above this share of its CPU time a machine at rest is at somebody's work. */
const REST_MOST = 0.1
/** A change of the host's speed that is worth a word: as wide as the bracket of a crossing. */
const UNEVEN = 0.05

type Trials = readonly Pick<Trial, 'arm' | 'index' | 'host'>[]
export type Range = Readonly<{ low: number; high: number }>

/** ms. Least and most of the run's yardstick readings; null where it has fewer than two. */
export function yardstickRange(trials: Trials): Range | null {
  const readings = trials.flatMap(({ host }) => (host ? readingsOf(host) : []))
  if (readings.length < 2) return null
  return { low: Math.min(...readings), high: Math.max(...readings) }
}

/** ms. A trial's yardstick, of both its ends where it has both. */
export function yardstickOf({ host }: Pick<Trial, 'host'>): number | null {
  const readings = host ? readingsOf(host) : []
  if (readings.length === 0) return null
  return readings.reduce((sum, reading) => sum + reading, 0) / readings.length
}

const readingsOf = ({ yardstickBeforeMs, yardstickAfterMs }: HostState): number[] =>
  yardstickAfterMs === null ? [yardstickBeforeMs] : [yardstickBeforeMs, yardstickAfterMs]

/** Share of the cores from which on a part that wants one has to wait for it, now and then. */
const NEARLY_ALL = 0.9

/** Cores of the machine, or fewer, where the runner and all parts have a quota of it. */
export const coresThere = ({
  host,
  quotaCores = Infinity,
}: Pick<Environment, 'host' | 'quotaCores'>): number => Math.min(host.cores, quotaCores)

type Use = Readonly<{
  /** Of all parts together, in the stage that used most; with what else ran, where that is known. */
  coresInUse: number
  /** Did that come near what there is, so that the parts waited for each other? */
  competing: boolean
}>

/**
 * The most that was in use in a valid stage; null where application and database could not be observed.
 *
 * @param environment of the run: its cores, and those that application and database share
 */
export function mostInUse(
  trials: readonly Readonly<{ stages: readonly Pick<Stage, 'cpu' | 'validity'>[] }>[],
  environment: Pick<Environment, 'host' | 'partCores' | 'quotaCores'>,
): Use | null {
  const cores = coresThere(environment)
  const partCores = Math.min(cores, environment.partCores ?? cores)
  const seen = trials
    .flatMap(({ stages }) => stages)
    .filter(({ cpu, validity }) => validity.valid && cpu.app && cpu.db)
  if (seen.length === 0) return null
  const uses = seen.map(({ cpu }) => {
    const all = Object.values(cpu).reduce((sum, part) => sum + part.cores, 0)
    const tested = (cpu.app?.cores ?? 0) + (cpu.db?.cores ?? 0)
    return { all, share: Math.max(all / cores, tested / partCores) }
  })
  return {
    coresInUse: Math.max(...uses.map(({ all }) => all)),
    competing: uses.some(({ share }) => share >= NEARLY_ALL),
  }
}

/** Are the parts on other machines than the runner's, which is the one that was read? */
export const areElsewhere = ({ testbed }: Environment): boolean =>
  testbed === 'remote' || testbed === 'swarm'

/** Do the parts have to compete, by what they are allowed? Asked only where nobody saw what they used. */
export function mayCompete({
  environment,
  configuration: { hosts },
}: Pick<Run, 'environment' | 'configuration'>): boolean {
  if (hosts === undefined) return environment.oversubscribed
  return hosts.appCores + hosts.dbCores > coresThere(environment)
}

/** Did the parts have to wait for each other? By what they used; where that was not seen, by what they may use. */
export function competed(run: Pick<Run, 'environment' | 'configuration' | 'trials'>): boolean {
  if (areElsewhere(run.environment)) return false
  return mostInUse(run.trials, run.environment)?.competing ?? mayCompete(run)
}

type Loaded = readonly (Trials[number] & Pick<Trial, 'stages' | 'hosts'>)[]

/** Stages of one arm at one number of users: of fewer no spread is told. */
const LEAST_STAGES = 3
/** From this ratio of the most to the least on, a word is due. */
const UNEVEN_UNDER_LOAD = 1.25

/**
 * The least and the most CPU that the front door took for a request, as ratios to its mean over the stages of the
 * same arm at the same users. It does the same for every request, so what differs is around it: caches and memory
 * that others share, or an arm whose answers come unevenly. The yardstick, a hot loop at rest, sees neither.
 *
 * @returns null without a front door, or where no step was held often enough
 */
export function evennessUnderLoad(trials: Loaded): Range | null {
  const alike = new Map<string, number[]>()
  for (const { arm, stages } of trials) {
    for (const { kind, users, cpu, validity } of stages) {
      const us = cpu.nginx?.usPerRequest ?? null
      if (kind === 'probe' || !validity.valid || us === null || us <= 0) continue
      const key = `${arm} ${users}`
      alike.set(key, [...(alike.get(key) ?? []), us])
    }
  }
  const ratios = [...alike.values()]
    .filter(({ length }) => length >= LEAST_STAGES)
    .flatMap((readings) => readings.map((us) => us / geometricMean(readings)))
  return ratios.length === 0 ? null : { low: Math.min(...ratios), high: Math.max(...ratios) }
}

/** The runner, the application and the database want a core each. */
const PARTS = 3
/** Share of those cores that must be idle before the load: of two one and a half, of many two and a quarter. */
const IDLE = 3 / 4

/**
 * Why stages will not count on a machine that is as busy as this before the load; null where it is not.
 *
 * @param cores of the machine
 */
export function tooBusy({ busyRatio }: Pick<HostState, 'busyRatio'>, cores: number): string | null {
  if (busyRatio === null) return null
  const idle = cores * (1 - busyRatio)
  if (idle >= IDLE * Math.min(PARTS, cores)) return null
  return (
    `The machine is busy with other work (${(busyRatio * 100).toFixed(0)} % of its ${cores} cores, before any ` +
    'load of the kit’s): stages measured now will not count. End what else runs, and measure again.'
  )
}

/** Checks that fail where the machine has no time for the instrument. */
const OF_THE_MACHINE = checksThat(({ blames }) => blames === 'runner' || blames === 'machine')

/** Of trials in which no stage is valid, and for most of them the machine is why: that nothing counts; else null. */
export function nothingCounts(trials: readonly Pick<Trial, 'stages'>[]): string | null {
  const stages = trials.flatMap((trial) => trial.stages)
  const ofMachine = stages.filter(({ validity }) =>
    validity.reasons.some(({ check }) => OF_THE_MACHINE.has(check)),
  ).length
  if (stages.some(({ validity }) => validity.valid) || 2 * ofMachine <= stages.length) return null
  return (
    `Nothing that was measured counts: all ${stages.length} stages are INVALID, ${ofMachine} of them because the ` +
    'machine had no time for the runner. End what else runs, or measure on another machine.'
  )
}

/** What a reader must know of the machine before any figure; null of a quiet one. */
export function machineWarning({
  trials,
  environment,
}: Pick<Run, 'trials' | 'environment'>): string | null {
  const nothing = nothingCounts(trials)
  if (nothing !== null) return nothing
  const [busy] = trials.filter(({ host }) => host && tooBusy(host, environment.host.cores) !== null)
  if (busy?.host === undefined) return null
  const percent = ((busy.host.busyRatio ?? 0) * 100).toFixed(0)
  return (
    `Beware: the machine was busy with other work (${percent} % before ${busy.arm}, trial ${busy.index + 1}), and ` +
    'what it had left was not enough for all parts.'
  )
}

/** What the machine itself did that no stage shows, in sentences; none of a quiet machine. */
export function hostRemarks(trials: Loaded): string[] {
  return [
    ...unevenness(trials),
    ...unevennessUnderLoad(trials),
    ...trials.flatMap(busyness),
    ...trials.flatMap(unfitted),
  ]
}

function unfitted({ arm, index, hosts }: Loaded[number]): string[] {
  if (hosts?.pilotProblem === undefined) return []
  return [
    `${arm}, trial ${index + 1}: the pilot before it failed (${hosts.pilotProblem}), so its hosts are by the fit or by earlier pilots`,
  ]
}

function unevennessUnderLoad(trials: Loaded): string[] {
  const range = evennessUnderLoad(trials)
  if (range === null || range.high / range.low < UNEVEN_UNDER_LOAD) return []
  const percent = (ratio: number) => `${Math.abs((ratio - 1) * 100).toFixed(0)} %`
  return [
    `not even under load: at equal users Nginx, which does the same for each request, took ${percent(range.low)} ` +
      `less to ${percent(range.high)} more CPU for one than on average. Others on the same machine, or an arm ` +
      'that does not run evenly: intervals over trials have that in them',
  ]
}

function unevenness(trials: Trials): string[] {
  const range = yardstickRange(trials)
  if (range === null || range.high / range.low - 1 <= UNEVEN) return []
  const several = trials.some(({ index }) => index > 0)
  const percent = `${((range.high / range.low - 1) * 100).toFixed(0)} %`
  return [
    `the machine’s own speed changed by ${percent} during the run (fixed work took ` +
      `${range.low.toFixed(2)} to ${range.high.toFixed(2)} ms of CPU): ` +
      (several
        ? 'intervals over trials have that in them'
        : 'a difference of that size between two arms may be the machine’s; --trials 3 tells them apart'),
  ]
}

function busyness({ arm, index, host }: Trials[number]): string[] {
  const ratio = host?.busyRatio ?? 0
  if (ratio <= REST_MOST) return []
  return [
    `${arm}, trial ${index + 1}: the machine was ${(ratio * 100).toFixed(0)} % busy before it, with ` +
      'no load of the kit’s on: end what else runs, and measure again',
  ]
}
