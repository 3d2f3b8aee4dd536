import { performance } from 'node:perf_hooks'
import { setInterval } from 'node:timers/promises'
import type { Endpoint, Second } from '../measurement/figures.ts'
import type { Distribution } from './distribution.ts'
import { type DelayMeter, startDelayMeter } from './event-loop.ts'
import { createRecorder, type Recorder } from './recorder.ts'

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

type OpenWindow = Readonly<{
  recorder: Recorder
  startedAt: string
  openedAtMs: number
  openedAtHostMs: number
  cpuAtOpening: NodeJS.CpuUsage
  straysAtOpening: number
  meter: DelayMeter
}>

/** ms. How often a closed window looks whether its last request has ended. */
const LOOK_MS = 5

/** At most one window is open at a time; one that is closed may still wait for its requests. */
export function createWindows(timeoutMs: number, strays: () => number) {
  let current: OpenWindow | undefined
  let givenUp = false

  return {
    /** Of the window that is open now. */
    recorder: (): Recorder | undefined => current?.recorder,

    /** @throws Error if a window is open */
    open(): void {
      if (current !== undefined) throw new Error('a window is open: close it before the next')
      const openedAtMs = performance.now()
      current = {
        recorder: createRecorder(openedAtMs),
        startedAt: new Date().toISOString(),
        openedAtMs,
        openedAtHostMs: Number(process.hrtime.bigint()) / 1e6,
        cpuAtOpening: process.cpuUsage(),
        straysAtOpening: strays(),
        meter: startDelayMeter(),
      }
    },

    /** @throws Error if none is open, or if the outcomes do not add up */
    async close(): Promise<WindowRecord> {
      const closed = current
      if (closed === undefined) throw new Error('no window is open: open one first')
      current = undefined
      const closedAtMs = performance.now()
      const cpu = process.cpuUsage(closed.cpuAtOpening)
      const eventLoopDelayP99Ms = closed.meter.stop()
      const deadlineMs = closedAtMs + timeoutMs
      // A look now and then costs less than a word from every request of the run.
      for await (const _ of setInterval(LOOK_MS)) {
        const waiting = closed.recorder.inFlight() > 0 && performance.now() < deadlineMs
        if (!waiting || givenUp) break
      }
      return {
        startedAt: closed.startedAt,
        openedAtMs: closed.openedAtHostMs,
        lengthS: (closedAtMs - closed.openedAtMs) / 1000,
        timeoutMs,
        ...closed.recorder.contents(),
        cpuS: (cpu.user + cpu.system) / 1e6,
        eventLoopDelayP99Ms,
        strays: strays() - closed.straysAtOpening,
      }
    },

    /** Lets the windows that wait end with their requests in flight. */
    giveUp(): void {
      givenUp = true
    },
  }
}
