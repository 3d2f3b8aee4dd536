import { setTimeout as delay } from 'node:timers/promises'
import { allFigures } from '../load/figures.ts'
import { commerceJourney } from '../load/journey.ts'
import { startLoad } from '../load/load.ts'
import { type Arm, DEFAULT_DATABASE } from '../plan/arms.ts'
import {
  ARTICLE_HOSTS,
  CPU_PERIOD_US,
  fitSpeed,
  type Hosts,
  type HostsRequest,
  limitsAt,
  mostSpeed,
} from '../plan/hosts.ts'
import { yardstickMs } from '../telemetry/yardstick.ts'
import type { Testbed } from '../testbed/testbed.ts'

/** Sets the limits of both hosts, and reads them back. @throws if they are not what was set */
export async function applyHosts(
  { hosts: control }: Pick<Testbed, 'hosts'>,
  { name, database = DEFAULT_DATABASE }: Arm,
  { appCores, dbCores, periodUs }: Hosts,
): Promise<void> {
  await control?.setLimits(name, { cores: appCores, periodUs })
  await control?.setLimits(database, { cores: dbCores, periodUs })
}

/** What an arm needs to start, and to compile what it runs, would take a slow host many seconds. */
const START_LIMITS = { cores: 1, periodUs: CPU_PERIOD_US }

/** Until `applyHosts`. */
export async function startAtFullSpeed(
  { hosts: control }: Pick<Testbed, 'hosts'>,
  { name }: Arm,
): Promise<void> {
  await control?.setLimits(name, START_LIMITS)
}

/** Users without think time: more than the pool has connections, so that the arm never waits for one. */
const PILOT_USERS = 40
/** At full speed, then on the hosts that are asked for. */
const PILOT_START_MS = 5_000
const PILOT_WARM_UP_MS = 2_000
const PILOT_HOLD_MS = 6_000

type Pilot = Readonly<{
  testbed: Testbed
  arm: Arm
  timeoutMs: number
  seed: number
  signal: AbortSignal
}>

/**
 * What an arm serves at most, in requests/s: a few users who never pause. An estimate to plan by, in ten
 * seconds; it enters no result.
 *
 * @throws AbortError when the signal comes; or that the arm served nothing
 */
export async function pilotCeiling(
  { testbed, arm, timeoutMs, seed, signal }: Pilot,
  hosts: Hosts | undefined,
): Promise<number> {
  await testbed.databaseOf(arm)?.recreate()
  if (hosts) await startAtFullSpeed(testbed, arm)
  const opened = await testbed.open(arm)
  const thinkMs = { min: 0, max: 0 }
  const load = startLoad({ url: opened.url, thinkMs, timeoutMs, seed, journey: commerceJourney })
  try {
    await load.setUsers(PILOT_USERS)
    await delay(PILOT_START_MS, undefined, { signal })
    if (hosts) await applyHosts(testbed, arm, hosts)
    await delay(PILOT_WARM_UP_MS, undefined, { signal })
    load.openWindow()
    await delay(PILOT_HOLD_MS, undefined, { signal })
    const { throughputPerS } = allFigures(await load.closeWindow())
    if (throughputPerS > 0) return throughputPerS
    throw new Error(`${arm.name} answered nothing in a pilot of ${PILOT_HOLD_MS / 1000} s.`)
  } finally {
    await load.stop()
    await opened.close()
  }
}

/** A fit of another time on this machine, or of another machine. */
export type KnownFit = Readonly<{ speed: number; yardstickMs: number }>

/** Share of the article's ceiling by which a fit may miss it. */
const WITHIN = 0.05
/** Each round is a pilot; throughput is nearly proportional to the limit, so two are enough most often. */
const ROUNDS = 6

/**
 * The speed at which `arm` serves the article's 100 requests/s: every other figure is then a prediction.
 *
 * @param known a fit to begin from @param say progress
 * @throws with the figure, where the machine is too slow for it or the throughput does not settle
 */
export async function fitToArticle(
  pilot: Pilot,
  known: KnownFit | null,
  { cores, say }: Readonly<{ cores: number; say: (text: string) => void }>,
): Promise<Hosts> {
  const { arm } = pilot
  const goal = ARTICLE_HOSTS.ceilingPerS
  const most = mostSpeed(cores)
  const yardstick = yardstickMs()
  const yardstickSpeed = known && round(known.speed * (yardstick / known.yardstickMs))
  let speed = Math.min(most, yardstickSpeed ?? fitSpeed(cores))
  for (let turn = 1; turn <= ROUNDS; turn += 1) {
    const limits = limitsAt(round(speed))
    const hosts: Hosts = { kind: 'article', ...limits }
    const ceilingPerS = await pilotCeiling(pilot, hosts)
    say(
      `Fitting the hosts: with ${limits.appCores} of a core ${arm.name} serves ` +
        `${ceilingPerS.toFixed(0)} requests/s, the article’s ${goal}.`,
    )
    if (Math.abs(ceilingPerS / goal - 1) <= WITHIN)
      return {
        ...hosts,
        fit: { from: 'arm', arm: arm.name, ceilingPerS, yardstickMs: yardstick, yardstickSpeed },
      }
    if (speed === most && ceilingPerS < goal)
      throw new Error(
        `This machine is slower than the article’s hosts: with ${limits.appCores} cores ${arm.name} serves ` +
          `${ceilingPerS.toFixed(0)} requests/s of ${goal}. HOSTS=fit measures on hosts that it has.`,
      )
    speed = Math.min(most, speed * (goal / ceilingPerS))
  }
  throw new Error(
    `The hosts could not be fitted: after ${ROUNDS} pilots ${arm.name} is not within ` +
      `${WITHIN * 100} % of ${goal} requests/s. Is the machine busy? HOSTS=fit measures without a fit.`,
  )
}

const round = (speed: number): number => Math.round(speed * 1000) / 1000

/** The article's hosts where the arm that was fitted does not run: speed is a rate of fixed work. */
export function hostsByYardstick(known: KnownFit, arm: string): Hosts {
  const yardstick = yardstickMs()
  const speed = round(known.speed * (yardstick / known.yardstickMs))
  const fit = {
    from: 'yardstick' as const,
    arm,
    ceilingPerS: null,
    yardstickMs: yardstick,
    yardstickSpeed: speed,
  }
  return { kind: 'article', ...limitsAt(speed), fit }
}

/** The hosts that need no pilot. */
export function hostsAsAsked(
  request: Exclude<HostsRequest, { kind: 'article' }>,
  cores: number,
): Hosts {
  if (request.kind === 'speed') return { kind: 'speed', ...limitsAt(request.speed) }
  return { kind: request.kind, ...limitsAt(request.kind === 'fit' ? fitSpeed(cores) : 1) }
}
