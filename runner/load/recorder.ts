import { type Second, wholeSeconds } from '../measurement/figures.ts'
import { createDistribution, type Distribution, record } from './distribution.ts'

/**
 * The pause before a request: as asked for, and as it was. A first request has neither, but the offset at
 * which its user starts; after a backoff, what was observed is no think time.
 */
export type RecordedPause = Readonly<{
  nominalMs: number | undefined
  observedMs: number | undefined
  offsetMs?: number
}>

/** What becomes of the requests sent from `openedAtMs` on. Pure: all times come in. */
export type Recorder = {
  sent(endpoint: string, pause: RecordedPause): void
  succeeded(endpoint: string, sentAtMs: number, durationMs: number): void
  failed(endpoint: string, sentAtMs: number, durationMs: number, error: string): void
  journeyAborted(): void
  journeyCompleted(): void
  /** The end of a request that was sent before the window opened. */
  carriedOver(endedAtMs: number, user: Readonly<{ retired: boolean }>): void
  /** The window closes: of a request that ends later, only the part before counts as its users' time. */
  closed(atMs: number): void
  inFlight(): number
  /** So far, by the second in which a request was sent. */
  seconds(lengthS: number): Second[]
  /** @param lengthS of the window: a second that it cut short is left out */
  contents(lengthS: number): RecorderContents
}

type RecorderContents = Readonly<{
  endpoints: Readonly<Record<string, EndpointRecord>>
  journeysAborted: number
  journeysCompleted: number
  seconds: readonly Second[]
  think: ThinkRecord
  edgeMs: number
  ended: number
}>

type Cell = {
  sent: number
  success: Distribution
  failure: Distribution
  errors: Record<string, number>
}

/** @param endpoints that may be asked for: each has a record, whether it was or not */
export function createRecorder(openedAtMs: number, endpoints: readonly string[]): Recorder {
  const cells = new Map(endpoints.map((name) => [name, createCell()]))
  const seconds = createSeconds(openedAtMs)
  const observed = createDistribution()
  let inFlight = 0
  let pauses = 0
  let nominalSumMs = 0
  let askedSumMs = 0
  let journeysAborted = 0
  let journeysCompleted = 0
  let closedAtMs = Infinity
  let edgeMs = 0
  let ended = 0
  const cellOf = (endpoint: string): Cell => {
    const cell = cells.get(endpoint)
    if (cell === undefined) throw new Error(`${endpoint} is no endpoint of this journey`)
    return cell
  }
  const end = (atMs: number): void => {
    if (atMs <= closedAtMs) ended += 1
    else edgeMs -= atMs - closedAtMs
  }

  return {
    sent(endpoint, pause) {
      cellOf(endpoint).sent += 1
      inFlight += 1
      if (pause.nominalMs !== undefined) {
        pauses += 1
        nominalSumMs += pause.nominalMs
      }
      if (pause.observedMs !== undefined) {
        record(observed, pause.observedMs)
        askedSumMs += pause.nominalMs ?? 0
      }
      edgeMs += pause.offsetMs ?? 0
    },
    succeeded(endpoint, sentAtMs, durationMs) {
      inFlight -= 1
      record(cellOf(endpoint).success, durationMs)
      seconds.succeeded(sentAtMs, durationMs)
      end(sentAtMs + durationMs)
    },
    failed(endpoint, sentAtMs, durationMs, error) {
      inFlight -= 1
      const cell = cellOf(endpoint)
      record(cell.failure, durationMs)
      cell.errors[error] = (cell.errors[error] ?? 0) + 1
      seconds.failed(sentAtMs)
      end(sentAtMs + durationMs)
    },
    journeyAborted() {
      journeysAborted += 1
    },
    journeyCompleted() {
      journeysCompleted += 1
    },
    carriedOver(endedAtMs, { retired }) {
      ended += 1
      if (!retired) edgeMs += endedAtMs - openedAtMs
    },
    closed(atMs) {
      closedAtMs = atMs
    },
    inFlight: () => inFlight,
    seconds: (lengthS) => wholeSeconds(seconds.rows(), lengthS),
    contents(lengthS) {
      const records = [...cells].map(([name, cell]): [string, EndpointRecord] => [
        name,
        { ...cell, inFlight: cell.sent - cell.success.count - cell.failure.count },
      ])
      const counted = records.reduce((sum, [, own]) => sum + own.inFlight, 0)
      if (counted !== inFlight || records.some(([, own]) => own.inFlight < 0)) {
        throw new Error(`outcomes do not add up: ${inFlight} in flight, ${counted} without an end`)
      }
      return {
        endpoints: Object.fromEntries(records),
        journeysAborted,
        journeysCompleted,
        seconds: wholeSeconds(seconds.rows(), lengthS),
        think: {
          observed,
          askedMeanMs: observed.count === 0 ? null : askedSumMs / observed.count,
          pauses,
          nominalMeanMs: pauses === 0 ? null : nominalSumMs / pauses,
        },
        edgeMs,
        ended,
      }
    },
  }
}

const createCell = (): Cell => ({
  sent: 0,
  success: createDistribution(),
  failure: createDistribution(),
  errors: {},
})

/** What one endpoint got in a window: `sent = success.count + failure.count + inFlight`. */
export type EndpointRecord = Readonly<{
  sent: number
  success: Distribution
  failure: Distribution
  inFlight: number
  /** Failed requests by class. */
  errors: Readonly<Record<string, number>>
}>

/** Pauses between the end of a request and the sending of the next. */
type ThinkRecord = Readonly<{
  /** As they were, without those that a backoff lengthened. */
  observed: Distribution
  /** ms. Mean of what was asked for of those; null without one. */
  askedMeanMs: number | null
  /** How many pauses were asked for. */
  pauses: number
  /** ms. Mean of the pauses that were asked for, backoff included; null without a request. */
  nominalMeanMs: number | null
}>

/** What one of several loaders had in its window: each event loop is judged for itself. */
export type LoaderRecord = Readonly<{
  users: number
  /** ms. By how much later than the first of them its window opened. */
  openedAfterMs: number
  lengthS: number
  sent: number
  cpuS: number
  eventLoopDelayP99Ms: number
  /** ms. The same before any load. */
  idleDelayP99Ms: number
  memoryBytes: number
}>

/** All that a window of the load holds. */
export type WindowRecord = Readonly<{
  /** RFC 3339 UTC. */
  startedAt: string
  /** ms on the clock of `process.hrtime`, which all processes of a machine share. */
  openedAtMs: number
  /** s. From opening to closing; not the wait for requests in flight. */
  lengthS: number
  timeoutMs: number
  endpoints: Readonly<Record<string, EndpointRecord>>
  journeysAborted: number
  journeysCompleted: number
  seconds: readonly Second[]
  think: ThinkRecord
  /**
   * ms to add to the pauses and durations of its requests so that they cover all users for the whole window:
   * less what of them lies outside of it, plus what of other pauses and requests lies inside.
   */
  edgeMs: number
  /** Users whose one request was sent before the window and ended after it: no other figure knows of them. */
  stuckUsers: number
  /** ms. By how much the pauses that had not ended with the window were over their time, all together. */
  overdueMs: number
  /** How many such pauses there were. */
  overduePauses: number
  /** Requests that ended in the window, whenever they were sent. */
  ended: number
  /** CPU seconds of this process within the window. */
  cpuS: number
  /** ms. p99 of the event loop's delay within the window. */
  eventLoopDelayP99Ms: number
  /** ms. The longest of them. */
  eventLoopDelayMaxMs: number
  /** Times that bytes came which no request had asked for; their connections were closed. */
  strays: number
  /** Of every request that had ended by the window's end since the load began, however it ended and in no window too. */
  sinceStart: Readonly<{ requests: number; durationMs: number }>
  /** Where several processes shared the users; what is above is then of all of them. */
  loaders?: readonly LoaderRecord[]
}>

type Sums = { requests: number; failed: number; durationMs: number }

const empty = (): Sums => ({ requests: 0, failed: 0, durationMs: 0 })

/** Outcomes by the second, since `openedAtMs`, in which their request was sent. */
function createSeconds(openedAtMs: number) {
  const sums: Sums[] = []

  function at(sentAtMs: number): Sums {
    const index = Math.max(0, Math.floor((sentAtMs - openedAtMs) / 1000))
    while (sums.length < index) sums.push(empty())
    return (sums[index] ??= empty())
  }

  return {
    succeeded(sentAtMs: number, durationMs: number): void {
      const second = at(sentAtMs)
      second.requests += 1
      second.durationMs += durationMs
    },
    failed(sentAtMs: number): void {
      at(sentAtMs).failed += 1
    },
    /** From the first second to the last in which something was sent, the empty ones included. */
    rows: (): Second[] =>
      sums.map(({ requests, failed, durationMs }, atS) => ({
        atS,
        requests,
        failed,
        meanMs: requests === 0 ? null : durationMs / requests,
      })),
  }
}
