import type { Endpoint, Second } from '../measurement/figures.ts'
import type { Distribution } from './distribution.ts'

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
export type ThinkRecord = Readonly<{
  /** As they were, without those that a backoff lengthened. */
  observed: Distribution
  /** ms. Mean of the pauses that were asked for, backoff included; null without a request. */
  nominalMeanMs: number | null
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
  endpoints: Readonly<Record<Endpoint, EndpointRecord>>
  journeysAborted: number
  journeysCompleted: number
  seconds: readonly Second[]
  think: ThinkRecord
  /** CPU seconds of this process within the window. */
  cpuS: number
  /** ms. p99 of the event loop's delay within the window. */
  eventLoopDelayP99Ms: number
  /** Times that bytes came which no request had asked for; their connections were closed. */
  strays: number
}>
