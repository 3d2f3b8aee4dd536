import { setTimeout as sleep } from 'node:timers/promises'
import { type Distribution, meanMs, merge, percentileMs } from '../load/distribution.ts'
import { expectedUsers, outcomesOf } from '../load/figures.ts'
import { startClosed } from '../load/closed.ts'
import type { Random } from '../scenario/journey.ts'
import type { WindowRecord } from '../load/recorder.ts'
import { breachesOf, isSaturated } from './bounds.ts'
import type { CalibrationRow, Statistics } from './calibration.ts'
import type { DelayServer } from './server-process.ts'
import type { ServerLog } from './server/protocol.ts'

export type MeasureOptions = Readonly<{
  delay: string
  users: number
  thinkMs: number
  warmUpS: number
  holdS: number
  seed: number
  idleDelayP99Ms: number
}>

const TIMEOUT_MS = 10_000
/** ms. Until the last load's sockets are closed on both sides: the next must not share its memory. */
const REST_MS = 1000

/** One stage as a ramp would have it: users, warm-up, window. */
export async function measureWindow(
  server: DelayServer,
  options: Omit<MeasureOptions, 'idleDelayP99Ms'>,
): Promise<Readonly<{ window: WindowRecord; log: ServerLog }>> {
  const load = startClosed({
    url: `${server.url}/${options.delay}`,
    thinkMs: { min: options.thinkMs, max: options.thinkMs },
    timeoutMs: TIMEOUT_MS,
    seed: options.seed,
    journey: server.scenario.journey,
  })
  try {
    await server.takeLog()
    await load.apply({ users: options.users })
    await sleep(options.warmUpS * 1000)
    load.openWindow()
    await sleep(options.holdS * 1000)
    const window = await load.closeWindow()
    return { window, log: await server.takeLog() }
  } finally {
    await load.stop()
    await sleep(REST_MS)
  }
}

/** What was measured beside what the server knows. */
export async function measureRow(
  server: DelayServer,
  options: MeasureOptions,
): Promise<CalibrationRow> {
  const { window, log } = await measureWindow(server, options)
  const memoryMb = process.memoryUsage.rss() / 1e6
  return rowOf(options, window, log, memoryMb)
}

export function rowOf(
  options: Pick<MeasureOptions, 'delay' | 'users' | 'thinkMs' | 'idleDelayP99Ms'>,
  window: WindowRecord,
  log: ServerLog,
  memoryMb: number,
): CalibrationRow {
  const row = unjudgedRow(options, window, truthOf(window, log), memoryMb)
  const saturated = isSaturated(row, options.idleDelayP99Ms)
  return { ...row, saturated, breaches: [...breachesOf(row, saturated), ...lossesOf(window)] }
}

/** A row before its bounds. @param truth what the server or the servers know of the window */
export function unjudgedRow(
  options: Pick<MeasureOptions, 'delay' | 'users' | 'thinkMs'>,
  window: WindowRecord,
  truth: KnownTimes,
  memoryMb: number,
): Omit<CalibrationRow, 'saturated' | 'breaches'> {
  const { sent, succeeded } = outcomesOf(window)
  return {
    delay: options.delay,
    users: options.users,
    requests: succeeded,
    truth: exactStatistics(truth.serviceMs),
    measured: statisticsOf(merge(Object.values(window.endpoints).map(({ success }) => success))),
    thinkNominalMs: options.thinkMs,
    thinkTrueMs: meanOf(truth.gapMs),
    expectedUsers: expectedUsers(window),
    cpuSPer1000: (window.cpuS / sent) * 1000,
    cpuCores: window.cpuS / window.lengthS,
    eventLoopDelayP99Ms: window.eventLoopDelayP99Ms,
    memoryMb,
  }
}

/** Losses where no fault was injected. */
export function lossesOf(window: WindowRecord): string[] {
  const { failed } = outcomesOf(window)
  return failed === 0 ? [] : [`${failed} requests failed where no fault was injected`]
}

/** Times of the requests of one window, as the server knows them. */
export type KnownTimes = Pick<ServerLog, 'serviceMs' | 'gapMs'>

export function truthOf(
  window: Pick<WindowRecord, 'openedAtMs' | 'lengthS'>,
  log: ServerLog,
): KnownTimes {
  const within = withinWindow(window, log)
  return {
    serviceMs: log.serviceMs.filter(within),
    gapMs: log.gapMs.filter((gapMs, index) => within(gapMs, index) && !Number.isNaN(gapMs)),
  }
}

/** The requests of the log that came in while the window was open: both clocks are the machine's. */
function withinWindow(window: Pick<WindowRecord, 'openedAtMs' | 'lengthS'>, log: ServerLog) {
  const closedAtMs = window.openedAtMs + window.lengthS * 1000
  return (_: number, index: number): boolean => {
    const arrivedAtMs = log.arrivedAtMs[index] ?? Number.NaN
    return arrivedAtMs >= window.openedAtMs && arrivedAtMs < closedAtMs
  }
}

/** Delays of the server, in ms, by the first part of the path. */
export const DELAYS: Readonly<Record<string, (random: Random) => number>> = {
  '0ms': () => 0,
  '1ms': () => 1,
  '10ms': () => 10,
  '100ms': () => 100,
  /** Two humps: four of five requests at 5 ms, the fifth at 50. */
  mix: (random) => (random() < 0.8 ? 5 : 50),
}

/** Exact statistics of `valuesMs`; percentiles by nearest rank, as HdrHistogram has them. NaN of nothing. */
export function exactStatistics(valuesMs: Float64Array): Statistics {
  const sorted = valuesMs.toSorted()
  const at = (percentile: number): number =>
    sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)] ?? Number.NaN
  return {
    meanMs: meanOf(valuesMs),
    p50Ms: at(50),
    p95Ms: at(95),
    p99Ms: at(99),
  }
}

const meanOf = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

export function statisticsOf(distribution: Distribution): Statistics {
  const at = (percentile: number): number => percentileMs(distribution, percentile) ?? Number.NaN
  return {
    meanMs: meanMs(distribution) ?? Number.NaN,
    p50Ms: at(50),
    p95Ms: at(95),
    p99Ms: at(99),
  }
}
