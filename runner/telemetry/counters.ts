import type { Part } from '../measurement/stage.ts'

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
