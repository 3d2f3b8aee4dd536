import {
  allFigures,
  clientFigures,
  endpointFigures,
  edgeUsers,
  expectedUsers,
  meanWithTimeoutsMs,
  outcomesOf,
  sinceStartFigures,
  waitedFigures,
} from '../load/figures.ts'
import type { Load, SignIns } from '../load/load.ts'
import type { WindowRecord } from '../load/recorder.ts'
import type { Second } from '../measurement/figures.ts'
import type { Reason, Stage } from '../measurement/stage.ts'
import type { Clock } from './clock.ts'
import type { ConnectionCounter, ConnectionMark } from '../telemetry/connections.ts'
import { type Counters, type Observer, partFigures } from '../telemetry/counters.ts'
import { readHostTicks, stolenRatio } from '../telemetry/host-ticks.ts'
import { startSampler } from '../telemetry/sampler.ts'
import { unlessAborted } from './unless-aborted.ts'

export type StagePlan = Readonly<{
  kind: Stage['kind']
  users: number
  thinkMs: Stage['thinkMs']
  warmUpMs: number
  /** While it is not settled. */
  warmUpMostMs: number
  holdMs: number
  /** While its mean is not precise. */
  holdMostMs: number
}>

export type Instruments = Readonly<{
  clock: Clock
  load: Load
  observer: Observer
  connections: ConnectionCounter | null
  idleDelayP99Ms: number
  onReading: (reading: Counters, before: Counters) => void
  isSettled: (seconds: readonly Second[], thinkMs: number) => boolean
  isPrecise: (seconds: readonly Second[], thinkMs: number) => boolean
  signal: AbortSignal
}>

/** A stage as measured, before it is judged; with the raw records that the figures were made of. */
export type MeasuredStage = Readonly<{
  stage: Omit<Stage, 'drift' | 'validity'>
  /** Figures that could not be had although they are had elsewhere in this run, each with the reason. */
  missing: readonly string[]
  window: WindowRecord
  readings: readonly Counters[]
  /** ms on the monotonic clock: when the window opened. */
  openedMs: number
}>

/**
 * Holds a number of users: warms up, opens the window, closes it, counts. The counters of the parts and
 * of the database are read at the window's two edges, so that all figures are of the same stretch.
 *
 * A database that cannot count leaves a figure out; it ends no stage.
 *
 * @throws AbortError when the signal comes before the window's end
 */
export async function measureStage(
  plan: StagePlan,
  instruments: Instruments,
): Promise<MeasuredStage> {
  const { clock, load, connections, signal } = instruments
  const signedIn = await unlessAborted(load.apply({ users: plan.users }), signal)
  const thinkMs = (plan.thinkMs.min + plan.thinkMs.max) / 2
  const warmUpMs = await settled(plan, thinkMs, instruments)

  const sampler = await startSampler(instruments.observer, instruments.onReading, clock.every)
  try {
    // Last before the window and first after it: what is opened in between belongs to no request of it.
    const [from, ticks] = await Promise.all([attempt(connections?.mark()), readHostTicks()])
    load.openWindow()
    const openedMs = clock.nowMs()
    await clock.delay(plan.holdMs, signal)
    const isPrecise = async () => instruments.isPrecise(await load.seconds(), thinkMs)
    await until(isPrecise, plan.holdMostMs - plan.holdMs, instruments)
    // All waited for together: a loader that has ended says so at once.
    const ends = Promise.all([
      load.closeWindow(),
      attempt(connections?.mark()),
      readHostTicks(),
      sampler.stop(),
    ])
    const [window, to, endTicks, readings] = await unlessAborted(ends, signal)
    const opened = await openedBetween(connections, from, to)
    const stage = stageOf(
      { ...plan, warmUpMs },
      {
        window,
        readings,
        opened: 'value' in opened ? opened.value : null,
        stolenRatio: stolenRatio(ticks, endTicks),
        idleDelayP99Ms: instruments.idleDelayP99Ms,
        signedIn,
      },
    )
    const missing =
      'value' in opened ? [] : [`the database could not count connections (${opened.reason})`]
    return { window, readings, openedMs, stage, missing }
  } finally {
    await sampler.stop()
  }
}

type Attempt<T> = Readonly<{ value: T }> | Readonly<{ reason: string }>

async function attempt<T>(work: Promise<T> | undefined): Promise<Attempt<T | null>> {
  try {
    return { value: (await work) ?? null }
  } catch (error) {
    return { reason: messageOf(error) }
  }
}

/** A failure to connect to several addresses has no message of its own, but a code. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name)
}

/** null where nothing counts; the reason where counting failed. */
async function openedBetween(
  connections: ConnectionCounter | null,
  from: Attempt<ConnectionMark | null>,
  to: Attempt<ConnectionMark | null>,
): Promise<Attempt<number | null>> {
  if ('reason' in from) return from
  if ('reason' in to) return to
  if (connections === null || from.value === null || to.value === null) return { value: null }
  return await attempt(connections.between(from.value, to.value))
}

/** What a stage's figures are made of. */
export type StageRecords = Readonly<{
  window: WindowRecord
  readings: readonly Counters[]
  /** Database connections that were opened in the window; null where they cannot be counted. */
  opened: number | null
  stolenRatio: number | null
  idleDelayP99Ms: number
  /** Of the users who came with the stage, before its warm-up. */
  signedIn?: SignIns | null
}>

/** The figures of a stage from its records. Pure: any records give figures, or nulls in their place. */
export function stageOf(
  plan: Pick<StagePlan, 'kind' | 'users' | 'thinkMs' | 'warmUpMs'>,
  { window, readings, opened, signedIn = null, ...given }: StageRecords,
): MeasuredStage['stage'] {
  const outcomes = outcomesOf(window)
  const accounted = expectedUsers(window)
  return {
    kind: plan.kind,
    users: plan.users,
    thinkMs: plan.thinkMs,
    warmUpS: plan.warmUpMs / 1000,
    holdS: window.lengthS,
    startedAt: window.startedAt,
    all: allFigures(window),
    endpoints: endpointFigures(window),
    meanWithTimeoutsMs: meanWithTimeoutsMs(window),
    waited: waitedFigures(window),
    sinceStart: sinceStartFigures(window),
    outcomes,
    seconds: wholeWindow(window),
    ...partFigures(readings, outcomes.sent / window.lengthS),
    stolenRatio: given.stolenRatio,
    ended: window.ended,
    ...(signedIn === null ? {} : { signIns: signInFigures(signedIn) }),
    connectionsPerRequest: opened === null ? null : opened / Math.max(1, outcomes.sent),
    client: clientFigures(window, given.idleDelayP99Ms),
    littlesLaw: {
      expectedUsers: accounted,
      residual: accounted / plan.users - 1,
      edgeUsers: edgeUsers(window),
      stuckUsers: window.stuckUsers,
    },
  }
}

const signInFigures = ({ succeeded, failed, totalMs }: SignIns): NonNullable<Stage['signIns']> => {
  const requests = succeeded + failed
  return { requests, failed, meanMs: requests === 0 ? null : totalMs / requests }
}

/** Every whole second of the window, those after the last request too: silence is not left out. */
function wholeWindow({ seconds, lengthS }: WindowRecord): Stage['seconds'] {
  const silent = Math.floor(lengthS) - seconds.length
  const rest = Array.from({ length: Math.max(0, silent) }, (_, at) => {
    return { atS: seconds.length + at, requests: 0, failed: 0, meanMs: null }
  })
  return [...seconds, ...rest]
}

/** Warms up until the response time is settled, or for as long as is allowed. @returns ms that it took */
async function settled(
  { warmUpMs, warmUpMostMs }: StagePlan,
  thinkMs: number,
  { clock, load, isSettled, signal }: Instruments,
): Promise<number> {
  if (warmUpMostMs <= warmUpMs) {
    await clock.delay(warmUpMs, signal)
    return warmUpMs
  }
  load.openWindow()
  try {
    await clock.delay(warmUpMs, signal)
    const isEnough = async () => isSettled(await load.seconds(), thinkMs)
    return warmUpMs + (await until(isEnough, warmUpMostMs - warmUpMs, { clock, signal }))
  } finally {
    load.dropWindow()
  }
}

/** Looks once a second. @returns ms that it took */
async function until(
  holds: () => Promise<boolean>,
  mostMs: number,
  { clock, signal }: Pick<Instruments, 'clock' | 'signal'>,
): Promise<number> {
  let tookMs = 0
  while (tookMs < mostMs && !(await holds())) {
    const stepMs = Math.min(1000, mostMs - tookMs)
    await clock.delay(stepMs, signal)
    tookMs += stepMs
  }
  return tookMs
}

/** The stage with more reasons why it is no measurement. */
export function withReasons(stage: Stage, more: readonly Reason[]): Stage {
  const reasons = [...stage.validity.reasons, ...more]
  return { ...stage, validity: { valid: reasons.length === 0, reasons } }
}

/** Reasons that rest on no figure. */
export const reasonsOf = (check: 'figures' | 'settings', texts: readonly string[]): Reason[] =>
  texts.map((text) => ({ check, figure: 0, bound: 0, text }))
