import type { CpuFigures, MemoryFigures, Part } from '../measurement/stage.ts'

/**
 * What a part has used since it started. Counters only rise, so that figures of any window are
 * differences of two readings, whatever came between them.
 */
export type PartCounters = Readonly<{
  /** ms on the monotonic clock of the runner, in the middle of the reading. */
  atMs: number
  cpuUs: number
  /** CFS periods that passed, and how many of them ended in throttling; null where there is no quota. */
  periods: number | null
  throttledPeriods: number | null
  memoryBytes: number
  memoryLimitBytes: number | null
  networkRxBytes: number | null
  networkTxBytes: number | null
  restarts: number
  oomKills: number
}>

export type Counters = Readonly<Partial<Record<Part, PartCounters>>>

/** Reads all parts at once. A part that cannot be read is left out; it never throws. */
export type Observer = Readonly<{ read(): Promise<Counters> }>

export type PartFigures = Readonly<{
  cpu: Partial<Record<Part, CpuFigures>>
  memory: Partial<Record<Part, MemoryFigures>>
  restarts: number
  oomKills: number
}>

const MEGA = 1e6

/**
 * What each part used between the first and the last reading of a window.
 *
 * @param readings in order of time, the first at the window's start and the last at its end
 * @param sentPerS requests sent per second of the window, to give CPU a request
 */
export function partFigures(readings: readonly Counters[], sentPerS: number): PartFigures {
  const cpu: Partial<Record<Part, CpuFigures>> = {}
  const memory: Partial<Record<Part, MemoryFigures>> = {}
  let [restarts, oomKills] = [0, 0]
  for (const part of ['app', 'db', 'nginx', 'runner'] as const) {
    const series = readings.flatMap((reading) => reading[part] ?? [])
    const [first, last] = [series[0], series.at(-1)]
    if (first === undefined || last === undefined || last.atMs <= first.atMs) continue
    // A counter that falls is that of a new process: a restart that nothing else may have reported.
    const reset = series.some((point, at) => at > 0 && point.cpuUs < (series[at - 1]?.cpuUs ?? 0))
    restarts += Math.max(last.restarts - first.restarts, reset ? 1 : 0)
    oomKills += Math.max(0, last.oomKills - first.oomKills)
    if (!reset) cpu[part] = cpuFigures(first, last, sentPerS)
    memory[part] = memoryFigures(series)
  }
  return { cpu, memory, restarts, oomKills }
}

function cpuFigures(first: PartCounters, last: PartCounters, sentPerS: number): CpuFigures {
  const cores = (last.cpuUs - first.cpuUs) / (1000 * (last.atMs - first.atMs))
  return {
    cores,
    usPerRequest: sentPerS > 0 ? (cores * 1e6) / sentPerS : null,
    throttledRatio: throttledRatio(first, last),
  }
}

/** Share of the CFS periods in which the quota ran out; null without a quota. */
export function throttledRatio(first: PartCounters, last: PartCounters): number | null {
  if (first.periods === null || last.periods === null) return null
  const periods = last.periods - first.periods
  const throttled = (last.throttledPeriods ?? 0) - (first.throttledPeriods ?? 0)
  return periods > 0 ? throttled / periods : 0
}

function memoryFigures(series: readonly PartCounters[]): MemoryFigures {
  const bytes = series.map((point) => point.memoryBytes)
  const limit = series.at(-1)?.memoryLimitBytes ?? null
  return {
    meanMb: bytes.reduce((sum, value) => sum + value, 0) / bytes.length / MEGA,
    maxMb: Math.max(...bytes) / MEGA,
    limitMb: limit === null ? null : limit / MEGA,
  }
}
