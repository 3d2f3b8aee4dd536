import { setTimeout as delay } from 'node:timers/promises'
import { allFigures } from '../load/figures.ts'
import { startClosed } from '../load/closed.ts'
import { type Arm, DEFAULT_DATABASE } from '../plan/arms.ts'
import {
  CPU_PERIOD_US,
  fitSpeed,
  type Hosts,
  type HostsRequest,
  limitsAt,
  mostSpeed,
  PILOT,
  roundSpeed,
  type PilotCeiling,
  pilotsAgree,
  speedByPilots,
} from '../plan/hosts.ts'
import type { Configuration } from '../measurement/run.ts'
import type { Study, StudyHosts } from '../measurement/study.ts'
import type { FittedHosts, Trial } from '../measurement/trial.ts'
import type { Journey } from '../scenario/journey.ts'
import { yardstickMs } from '../telemetry/yardstick.ts'
import type { HostLimits, Testbed } from '../testbed/testbed.ts'
import { messageOf } from './stage.ts'
import { unlessAborted } from './unless-aborted.ts'

/** Limits of both hosts. An arm that has a CPU limit of its own keeps it. */
export const hostLimits = (
  { limits }: Pick<Arm, 'limits'>,
  { appCores, dbCores, periodUs }: Pick<Hosts, 'appCores' | 'dbCores' | 'periodUs'>,
): Readonly<Record<'app' | 'db', HostLimits>> => ({
  app: limits?.cpu ?? { cores: appCores, periodUs },
  db: { cores: dbCores, periodUs },
})

/**
 * Sets the limits of both hosts, and reads them back.
 *
 * @throws if they are not what was set
 */
export async function applyHosts(
  { hosts: control, label }: Pick<Testbed, 'hosts' | 'label'>,
  arm: Arm,
  hosts: Hosts,
): Promise<void> {
  if (control === null) throw new Error(`This testbed (${label}) cannot limit its hosts.`)
  const { app, db } = hostLimits(arm, hosts)
  await control.setLimits(arm.name, app)
  await control.setLimits(arm.database ?? DEFAULT_DATABASE, db)
}

/**
 * Until `applyHosts`. What an arm needs to start, and to compile what it runs, would take a slow host many
 * seconds; and so would what its database is asked meanwhile, if each request opens a connection.
 */
export async function startAtFullSpeed(
  { hosts: control }: Pick<Testbed, 'hosts'>,
  { name, database = DEFAULT_DATABASE, limits }: Arm,
  { appCores, dbCores }: Pick<Hosts, 'appCores' | 'dbCores'>,
): Promise<void> {
  const periodUs = CPU_PERIOD_US
  const full = Math.min(1, control?.mostCores ?? 1)
  await control?.setLimits(name, {
    cores: Math.max(full, limits?.cpu?.cores ?? appCores),
    periodUs,
  })
  await control?.setLimits(database, { cores: Math.max(full, dbCores), periodUs })
}

/** Users without think time: more than the pool has connections, so that the arm never waits for one. */
const PILOT_USERS = 40

type Pilot = Readonly<{
  testbed: Testbed
  journey: Journey
  arm: Arm
  timeoutMs: number
  seed: number
  signal: AbortSignal
}>

/**
 * What an arm serves at most, in requests/s: a few users who never pause. An estimate to plan by (PILOT); it
 * enters no result.
 *
 * @throws AbortError when the signal comes; or that the arm served nothing
 */
export async function pilotCeiling(
  { testbed, journey, arm, timeoutMs, seed, signal }: Pilot,
  hosts: Hosts | undefined,
): Promise<number> {
  const database = testbed.databaseOf(arm)
  if (database !== null) await unlessAborted(database.recreate(), signal)
  if (hosts) await startAtFullSpeed(testbed, arm, hosts)
  const opened = await testbed.open(arm, signal)
  const thinkMs = { min: 0, max: 0 }
  const load = startClosed({ url: opened.url, thinkMs, timeoutMs, seed, journey })
  try {
    await load.apply({ users: PILOT_USERS })
    await delay(PILOT.startMs, undefined, { signal })
    if (hosts) await applyHosts(testbed, arm, hosts)
    await delay(PILOT.warmUpMs, undefined, { signal })
    load.openWindow()
    await delay(PILOT.holdMs, undefined, { signal })
    const { throughputPerS } = allFigures(await unlessAborted(load.closeWindow(), signal))
    if (throughputPerS > 0) return throughputPerS
    throw new Error(`${arm.name} answered nothing in a pilot of ${PILOT.holdMs / 1000} s.`)
  } finally {
    await load.stop()
    await opened.close()
  }
}

/** A fit of another time on this machine, or of another machine. */
export type KnownFit = Readonly<{ speed: number; yardstickMs: number }>

/** Share of the study's ceiling by which a fit may miss it. */
const WITHIN = 0.05
/** Each round is a pilot; throughput is nearly proportional to the limit, so two are enough most often. */
const ROUNDS = 6

/**
 * The speed at which `arm` serves as many requests/s as in the study: every other figure is then a prediction.
 *
 * @param known a fit to begin from @param say progress
 * @throws with the figure, where the machine is too slow for it or the throughput does not settle
 */
export async function fitToStudy(
  pilot: Pilot,
  study: Study,
  known: KnownFit | null,
  { cores, say }: Readonly<{ cores: number; say: (text: string) => void }>,
): Promise<Hosts> {
  const { arm } = pilot
  const goal = study.hosts.ceilingPerS
  const most = mostSpeed(cores, study.hosts)
  const yardstick = yardstickMs()
  const yardstickSpeed = known && roundSpeed(known.speed * (yardstick / known.yardstickMs))
  let speed = Math.min(most, yardstickSpeed ?? fitSpeed(cores))
  const pilots: PilotCeiling[] = []
  for (let turn = 1; turn <= ROUNDS; turn += 1) {
    const limits = limitsAt(roundSpeed(speed), study.hosts)
    const hosts: Hosts = { kind: study.id, ...limits }
    const ceilingPerS = await pilotCeiling(pilot, hosts)
    say(
      `Fitting the hosts: with ${limits.appCores} of a core ${arm.name} serves ` +
        `${ceilingPerS.toFixed(0)} requests/s, ${study.name}’s ${goal}.`,
    )
    pilots.push({ speed: hosts.speed, ceilingPerS })
    const isNear = Math.abs(ceilingPerS / goal - 1) <= WITHIN
    if (isNear || pilotsAgree(pilots))
      return {
        kind: study.id,
        ...limitsAt(isNear ? hosts.speed : speedByPilots(pilots, most, goal), study.hosts),
        fit: {
          from: 'arm',
          arm: arm.name,
          ceilingPerS,
          yardstickMs: yardstick,
          yardstickSpeed,
          eachTrial: true,
        },
      }
    if (speed === most && ceilingPerS < goal)
      throw new Error(
        `This machine is slower than ${study.name}’s hosts: with ${limits.appCores} cores ${arm.name} serves ` +
          `${ceilingPerS.toFixed(0)} requests/s of ${goal}. HOSTS=fit measures on hosts that it has.`,
      )
    speed = Math.min(most, speed * (goal / ceilingPerS))
  }
  throw new Error(
    `The hosts could not be fitted: after ${ROUNDS} pilots ${arm.name} is not within ` +
      `${WITHIN * 100} % of ${goal} requests/s. Is the machine busy? HOSTS=fit measures without a fit.`,
  )
}

export type FittingEvent =
  | Readonly<{ kind: 'pilot-started'; arm: string }>
  | Readonly<{ kind: 'hosts-fitted'; hosts: FittedHosts }>

type FittingSetting = Readonly<{
  testbed: Testbed
  scenario: Readonly<{ journey: Journey }>
  configuration: Configuration
  /** Whose speed is fitted again; absent: no study is at hand. */
  studied?: StudyHosts | undefined
  /** Of the machine, not of the runner's own limit. */
  cores: number
  /** Trials of the run that are over. */
  earlier: readonly Trial[]
  tell(event: FittingEvent): void
  signal: AbortSignal
}>

/**
 * The hosts of a trial that is about to begin. A machine's own speed goes to and fro within minutes, by more
 * than a fit may miss, so the fitted arm is tried again before each trial. A round has one speed, so that its
 * arms can be compared: the mean of the last pilots as it begins.
 *
 * @param trial gets `hosts`; nothing where the hosts are the same in all trials
 */
export async function fitHosts(
  trial: Pick<Trial, 'hosts' | 'index'>,
  setting: FittingSetting,
): Promise<void> {
  const { testbed, configuration, studied, cores, earlier, tell, signal } = setting
  const { hosts, timeoutMs, seed } = configuration
  const fit = hosts?.fit
  if (hosts === undefined || fit?.eachTrial !== true || fit.ceilingPerS === null) return
  const arm = testbed.arms.find(({ name }) => name === fit.arm)
  if (arm === undefined) throw new Error(`There is no arm ${fit.arm} to fit the hosts by.`)
  if (studied === undefined)
    throw new Error(
      `The hosts are fitted by the study ${hosts.kind}, which is not in this checkout.`,
    )
  tell({ kind: 'pilot-started', arm: arm.name })
  const known = [
    { speed: hosts.speed, ceilingPerS: fit.ceilingPerS },
    ...earlier.flatMap((other) => other.hosts?.pilot ?? []),
  ]
  const most = mostSpeed(cores, studied)
  const speedBy = (pilots: typeof known) => speedByPilots(pilots, most, studied.ceilingPerS)
  const tried = limitsAt(speedBy(known), studied)
  const { journey } = setting.scenario
  const pilot = { testbed, journey, arm, timeoutMs, seed, signal }
  const found = await seenOrProblem(pilot, { ...hosts, ...tried })
  const seen = found.pilot === undefined ? known : [...known, found.pilot]
  const ofRound = earlier.find(({ index, hosts: set }) => set && index === trial.index)?.hosts
  const { speed, appCores, dbCores } = ofRound ?? limitsAt(speedBy(seen), studied)
  trial.hosts = { speed, appCores, dbCores, ...found }
  tell({ kind: 'hosts-fitted', hosts: trial.hosts })
}

/** A pilot that fails is no reason to lose the trial, which may be of another arm. */
async function seenOrProblem(
  pilot: Pilot,
  hosts: Hosts,
): Promise<Pick<FittedHosts, 'pilot' | 'pilotProblem'>> {
  try {
    return { pilot: { speed: hosts.speed, ceilingPerS: await pilotCeiling(pilot, hosts) } }
  } catch (error) {
    if (pilot.signal.aborted) throw error
    return { pilotProblem: messageOf(error) }
  }
}

/** The study's hosts where the arm that was fitted does not run: speed is a rate of fixed work. */
export function hostsByYardstick(known: KnownFit, { id, hosts: studied }: Study): Hosts {
  const yardstick = yardstickMs()
  const speed = roundSpeed(known.speed * (yardstick / known.yardstickMs))
  const fit = {
    from: 'yardstick' as const,
    arm: studied.arm,
    ceilingPerS: null,
    yardstickMs: yardstick,
    yardstickSpeed: speed,
  }
  return { kind: id, ...limitsAt(speed, studied), fit }
}

/** The hosts that need no pilot. */
export function hostsAsAsked(
  request: Exclude<HostsRequest, { kind: 'studied' }>,
  cores: number,
): Hosts {
  if (request.kind === 'speed') return { kind: 'speed', ...limitsAt(request.speed) }
  return { kind: request.kind, ...limitsAt(request.kind === 'fit' ? fitSpeed(cores) : 1) }
}
