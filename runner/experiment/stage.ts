import { setTimeout as delay } from 'node:timers/promises'
import {
  allFigures,
  clientFigures,
  endpointFigures,
  expectedUsers,
  meanWithTimeoutsMs,
  outcomesOf,
} from '../load/figures.ts'
import type { Load } from '../load/load.ts'
import type { WindowRecord } from '../load/recorder.ts'
import { ENDPOINTS, type Figures, type Second } from '../measurement/figures.ts'
import type { Stage } from '../measurement/stage.ts'
import type { ConnectionCounter } from '../telemetry/connections.ts'
import { type Counters, type Observer, partFigures } from '../telemetry/counters.ts'
import { readHostTicks, stolenRatio } from '../telemetry/host-ticks.ts'
import { startSampler } from '../telemetry/sampler.ts'

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
  window: WindowRecord
  readings: readonly Counters[]
  /** ms on the monotonic clock: when the window opened. */
  openedMs: number
}>

/**
 * Holds a number of users: warms up, opens the window, closes it, counts. The counters of the parts and
 * of the database are read at the window's two edges, so that all figures are of the same stretch.
 *
 * @throws AbortError when the signal comes before the window's end
 */
export async function measureStage(
  plan: StagePlan,
  instruments: Instruments,
): Promise<MeasuredStage> {
  const { load, connections, signal } = instruments
  await load.setUsers(plan.users)
  const thinkMs = (plan.thinkMs.min + plan.thinkMs.max) / 2
  const warmUpMs = await settled(plan, thinkMs, instruments)

  const sampler = await startSampler(instruments.observer, instruments.onReading)
  // Last before the window and first after it: what is opened in between belongs to no request of it.
  const [from, ticks] = await Promise.all([connections?.mark(), readHostTicks()])
  load.openWindow()
  const openedMs = performance.now()
  try {
    await delay(plan.holdMs, undefined, { signal })
    const isPrecise = async () => instruments.isPrecise(await load.seconds(), thinkMs)
    await until(isPrecise, plan.holdMostMs - plan.holdMs, signal)
  } catch (error) {
    await sampler.stop()
    throw error
  }
  const [window, to, endTicks, readings] = await Promise.all([
    load.closeWindow(),
    connections?.mark(),
    readHostTicks(),
    sampler.stop(),
  ])

  const opened =
    from === undefined || to === undefined ? null : await connections?.between(from, to)
  const outcomes = outcomesOf(window)
  const parts = partFigures(readings, outcomes.sent / window.lengthS)
  const accounted = expectedUsers(window)
  return {
    window,
    readings,
    openedMs,
    stage: {
      kind: plan.kind,
      users: plan.users,
      thinkMs: plan.thinkMs,
      warmUpS: warmUpMs / 1000,
      holdS: window.lengthS,
      startedAt: window.startedAt,
      all: allFigures(window),
      endpoints: byEndpoint(window),
      meanWithTimeoutsMs: meanWithTimeoutsMs(window),
      outcomes,
      seconds: [...window.seconds],
      ...parts,
      stolenRatio: stolenRatio(ticks, endTicks),
      connectionsPerRequest:
        opened === undefined || opened === null ? null : opened / Math.max(1, outcomes.sent),
      client: clientFigures(window, instruments.idleDelayP99Ms),
      littlesLaw: { expectedUsers: accounted, residual: accounted / plan.users - 1 },
    },
  }
}

/** Warms up until the response time is settled, or for as long as is allowed. @returns ms that it took */
async function settled(
  { warmUpMs, warmUpMostMs }: StagePlan,
  thinkMs: number,
  { load, isSettled, signal }: Instruments,
): Promise<number> {
  if (warmUpMostMs <= warmUpMs) {
    await delay(warmUpMs, undefined, { signal })
    return warmUpMs
  }
  load.openWindow()
  try {
    await delay(warmUpMs, undefined, { signal })
    const isEnough = async () => isSettled(await load.seconds(), thinkMs)
    return warmUpMs + (await until(isEnough, warmUpMostMs - warmUpMs, signal))
  } finally {
    load.dropWindow()
  }
}

/** Looks once a second. @returns ms that it took */
async function until(
  holds: () => Promise<boolean>,
  mostMs: number,
  signal: AbortSignal,
): Promise<number> {
  let tookMs = 0
  while (tookMs < mostMs && !(await holds())) {
    const stepMs = Math.min(1000, mostMs - tookMs)
    await delay(stepMs, undefined, { signal })
    tookMs += stepMs
  }
  return tookMs
}

function byEndpoint(window: WindowRecord): Stage['endpoints'] {
  const entries = ENDPOINTS.map((name): [string, Figures] => [name, endpointFigures(window, name)])
  return Object.fromEntries(entries) as Stage['endpoints']
}
