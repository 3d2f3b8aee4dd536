import { type CpuFigures, type MemoryFigures, PARTS, type Part } from '../measurement/stage.ts'
import { busyUs, readHostTicks } from './host-ticks.ts'

/**
 * What a part has used since it started. Counters only rise, so that figures of any window are
 * differences of two readings, whatever came between them.
 */
export type PartCounters = Readonly<{
  /** ms on the monotonic clock of the runner, in the middle of the reading. */
  atMs: number
  cpuUs: number
  /** us by which `cpuUs` may be too low, where its clock moves in ticks; absent: it does not. */
  cpuMissedUs?: number
  /** What it may use, as it was read; null: no limit; absent: nothing says it. */
  cpuLimit?: Readonly<{ cores: number; periodUs: number }> | null
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

/** A part under test, the runner, or the window through which it reads the engine. */
export type CountedPart = Part | 'window'

/** The whole machine that the parts run on. */
type MachineCounters = Readonly<{ atMs: number; busyUs: number }>

export type Counters = Readonly<
  Partial<Record<CountedPart, PartCounters>> & { machine?: MachineCounters }
>

/**
 * `edge`: at the start or the end of a window, where all is read. `within`: a look between, which leaves out
 * what only has to be known once.
 */
export type Moment = 'edge' | 'within'

/** Reads all parts at once. A part that cannot be read is left out; it never throws. */
export type Observer = Readonly<{ read(moment?: Moment): Promise<Counters> }>

/** @returns nothing where the system does not tell, as macOS */
export async function readMachine(): Promise<Pick<Counters, 'machine'>> {
  const ticks = await readHostTicks()
  return ticks === null ? {} : { machine: { atMs: performance.now(), busyUs: busyUs(ticks) } }
}

export type PartFigures = Readonly<{
  cpu: Partial<Record<CountedPart | 'rest', CpuFigures>>
  memory: Partial<Record<CountedPart, MemoryFigures>>
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
  const cpu: PartFigures['cpu'] = {}
  const memory: PartFigures['memory'] = {}
  let [restarts, oomKills] = [0, 0]
  for (const part of [...PARTS, 'window'] as const) {
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
  const rest = restFigures(readings, cpu, sentPerS)
  return { cpu: rest === null ? cpu : { ...cpu, rest }, memory, restarts, oomKills }
}

/**
 * What worked on the machine beside all parts: the engine, the kernel's own, other people's processes.
 * null where the machine was not read, or a part of it that it would then hold.
 */
function restFigures(
  readings: readonly Counters[],
  cpu: PartFigures['cpu'],
  sentPerS: number,
): CpuFigures | null {
  const series = readings.flatMap(({ machine }) => machine ?? [])
  const [first, last] = [series[0], series.at(-1)]
  const observed = [...PARTS, 'window'] as const
  const seen = observed.filter((part) => readings.some((reading) => reading[part] !== undefined))
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return null
  if (!cpu.app || !cpu.db || !seen.every((part) => cpu[part])) return null
  const busy = (last.busyUs - first.busyUs) / (1000 * (last.atMs - first.atMs))
  const ofParts = seen.reduce((sum, part) => sum + (cpu[part]?.cores ?? 0), 0)
  const cores = Math.max(0, busy - ofParts)
  return { cores, usPerRequest: usPerRequest(cores, sentPerS), throttledRatio: null }
}

const usPerRequest = (cores: number, sentPerS: number): number | null =>
  sentPerS > 0 ? (cores * 1e6) / sentPerS : null

function cpuFigures(first: PartCounters, last: PartCounters, sentPerS: number): CpuFigures {
  const passedUs = 1000 * (last.atMs - first.atMs)
  const cores = (last.cpuUs - first.cpuUs) / passedUs
  return {
    cores,
    usPerRequest: usPerRequest(cores, sentPerS),
    usMayMiss: usPerRequest((last.cpuMissedUs ?? 0) / passedUs, sentPerS) ?? 0,
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
