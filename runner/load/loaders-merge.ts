import type { Second } from '../measurement/figures.ts'
import {
  createDistribution,
  decodeHistogram,
  encodeHistogram,
  merge,
  type Distribution,
} from './distribution.ts'
import type { EndpointRecord, LoaderRecord, WindowRecord } from './recorder.ts'

/** A histogram is a class, and loses it on the way between processes: it travels encoded. */
type PackedDistribution = Omit<Distribution, 'histogram'> & { readonly histogram: string }

type PackedEndpoint = Omit<EndpointRecord, 'success' | 'failure'> &
  Readonly<{ success: PackedDistribution; failure: PackedDistribution }>

/** A window as a loader sends it. */
export type PackedWindow = Omit<WindowRecord, 'endpoints' | 'think'> &
  Readonly<{
    endpoints: Readonly<Record<string, PackedEndpoint>>
    think: Omit<WindowRecord['think'], 'observed'> & Readonly<{ observed: PackedDistribution }>
  }>

/** The window of one loader, and what is known of its process. */
export type LoaderWindow = Readonly<{
  window: WindowRecord
  users: number
  /** ms. Of its own event loop before any load. */
  idleDelayP99Ms: number
  /** Bytes. Resident memory of its process at the window's end. */
  memoryBytes: number
}>

export const packWindow = (window: WindowRecord): PackedWindow => ({
  ...window,
  endpoints: mapEndpoints(window, (record) => ({
    ...record,
    success: pack(record.success),
    failure: pack(record.failure),
  })),
  think: { ...window.think, observed: pack(window.think.observed) },
})

export const unpackWindow = (packed: PackedWindow): WindowRecord => ({
  ...packed,
  endpoints: mapEndpoints(packed, (record) => ({
    ...record,
    success: unpack(record.success),
    failure: unpack(record.failure),
  })),
  think: { ...packed.think, observed: unpack(packed.think.observed) },
})

const pack = (distribution: Distribution): PackedDistribution => ({
  ...distribution,
  histogram: encodeHistogram(distribution),
})

/** The encoding holds the count of every bin, so this is the histogram that was packed. */
const unpack = ({ count, sumUs, maxUs, histogram }: PackedDistribution): Distribution =>
  count === 0
    ? createDistribution()
    : { count, sumUs, maxUs, histogram: decodeHistogram(histogram) }

/**
 * The windows of loaders that shared the users, as one window: histograms are added bin by bin, counts
 * and CPU time are summed, and seconds are those since each loader's own opening, by its own monotonic
 * clock. `lengthS` is the mean of theirs. The event loop's delay is that of the loader that was latest.
 *
 * @throws Error without a window
 */
export function mergeWindows(parts: readonly LoaderWindow[]): WindowRecord {
  const windows = parts.map(({ window }) => window)
  const [first] = windows.toSorted((left, right) => left.openedAtMs - right.openedAtMs)
  if (first === undefined) throw new Error('there is no window to merge')
  const loaders = parts.map((part) => loaderRecord(part, first.openedAtMs))
  return {
    startedAt: first.startedAt,
    openedAtMs: first.openedAtMs,
    lengthS: sum(windows.map(({ lengthS }) => lengthS)) / windows.length,
    timeoutMs: first.timeoutMs,
    endpoints: mapEndpoints(first, (_, name) =>
      mergeEndpoint(windows.flatMap((each) => each.endpoints[name] ?? [])),
    ),
    journeysAborted: sum(windows.map(({ journeysAborted }) => journeysAborted)),
    journeysCompleted: sum(windows.map(({ journeysCompleted }) => journeysCompleted)),
    seconds: mergeSeconds(windows.map(({ seconds }) => seconds)),
    think: mergeThink(windows.map(({ think }) => think)),
    edgeMs: sum(windows.map(({ edgeMs }) => edgeMs)),
    stuckUsers: sum(windows.map(({ stuckUsers }) => stuckUsers)),
    overdueMs: sum(windows.map(({ overdueMs }) => overdueMs)),
    overduePauses: sum(windows.map(({ overduePauses }) => overduePauses)),
    ended: sum(windows.map(({ ended }) => ended)),
    cpuS: sum(windows.map(({ cpuS }) => cpuS)),
    eventLoopDelayP99Ms: Math.max(...windows.map((window) => window.eventLoopDelayP99Ms)),
    eventLoopDelayMaxMs: Math.max(...windows.map((window) => window.eventLoopDelayMaxMs)),
    strays: sum(windows.map(({ strays }) => strays)),
    sinceStart: {
      requests: sum(windows.map(({ sinceStart }) => sinceStart.requests)),
      durationMs: sum(windows.map(({ sinceStart }) => sinceStart.durationMs)),
    },
    loaders,
  }
}

function loaderRecord(part: LoaderWindow, firstOpenedAtMs: number): LoaderRecord {
  const { window, users, idleDelayP99Ms, memoryBytes } = part
  const { lengthS, cpuS, eventLoopDelayP99Ms } = window
  return {
    users,
    openedAfterMs: window.openedAtMs - firstOpenedAtMs,
    lengthS,
    sent: sum(Object.values(window.endpoints).map(({ sent }) => sent)),
    cpuS,
    eventLoopDelayP99Ms,
    idleDelayP99Ms,
    memoryBytes,
  }
}

function mergeEndpoint(records: readonly EndpointRecord[]): EndpointRecord {
  const errors: Record<string, number> = {}
  for (const record of records) {
    for (const [name, count] of Object.entries(record.errors)) {
      errors[name] = (errors[name] ?? 0) + count
    }
  }
  return {
    sent: sum(records.map(({ sent }) => sent)),
    success: merge(records.map(({ success }) => success)),
    failure: merge(records.map(({ failure }) => failure)),
    inFlight: sum(records.map(({ inFlight }) => inFlight)),
    errors,
  }
}

/** Second by second, each since its loader's own opening. */
export function mergeSeconds(all: readonly (readonly Second[])[]): Second[] {
  const length = Math.max(0, ...all.map((seconds) => seconds.length))
  return Array.from({ length }, (_, atS) => {
    const rows = all.flatMap((seconds) => seconds[atS] ?? [])
    const requests = sum(rows.map((row) => row.requests))
    const durationMs = sum(rows.map((row) => (row.meanMs ?? 0) * row.requests))
    return {
      atS,
      requests,
      failed: sum(rows.map((row) => row.failed)),
      meanMs: requests === 0 ? null : durationMs / requests,
    }
  })
}

function mergeThink(all: readonly WindowRecord['think'][]): WindowRecord['think'] {
  const pauses = sum(all.map((think) => think.pauses))
  const nominalMs = sum(all.map((think) => (think.nominalMeanMs ?? 0) * think.pauses))
  const observed = merge(all.map((think) => think.observed))
  const askedMs = sum(all.map((think) => (think.askedMeanMs ?? 0) * think.observed.count))
  return {
    observed,
    askedMeanMs: observed.count === 0 ? null : askedMs / observed.count,
    pauses,
    nominalMeanMs: pauses === 0 ? null : nominalMs / pauses,
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const mapEndpoints = <T, U>(
  { endpoints }: Readonly<{ endpoints: Readonly<Record<string, T>> }>,
  make: (of: T, name: string) => U,
): Record<string, U> =>
  Object.fromEntries(Object.entries(endpoints).map(([name, of]) => [name, make(of, name)]))
