import { performance } from 'node:perf_hooks'
import { setInterval } from 'node:timers/promises'
import { type DelayMeter, startDelayMeter } from './event-loop.ts'
import type { Second } from '../measurement/figures.ts'
import { createRecorder, type Recorder, type WindowRecord } from './recorder.ts'

type OpenWindow = Readonly<{
  recorder: Recorder
  startedAt: string
  openedAtMs: number
  openedAtHostMs: number
  cpuAtOpening: NodeJS.CpuUsage
  straysAtOpening: number
  /** ms. The pauses that had begun by then, of all users. */
  pausedAtOpeningMs: number
  meter: DelayMeter
}>

/** ms. How often a closed window looks whether its last request has ended. */
const LOOK_MS = 5

type Users = Readonly<{
  strays(): number
  /** ms of the pauses that they are in, of all together. */
  pausedMs(atMs: number): number
  /** ms, of those since `sinceMs`, by which each of those pauses that is over its time is over it. */
  overduePausesMs(atMs: number, sinceMs: number): number[]
  /** How many wait for the answer to a request of before `sinceMs`. */
  waitingSince(sinceMs: number): number
}>

/** At most one window is open at a time; one that is closed may still wait for its requests. */
export function createWindows(
  { timeoutMs, endpoints }: Readonly<{ timeoutMs: number; endpoints: readonly string[] }>,
  { strays, pausedMs, overduePausesMs, waitingSince }: Users,
) {
  let current: OpenWindow | undefined
  let givenUp = false
  // A running mean never begins again: warm-ups are in it, and what stands in no window.
  const sinceStart = { requests: 0, durationMs: 0 }

  return {
    /** Of the window that is open now. */
    recorder: (): Recorder | undefined => current?.recorder,

    /** Counts a request that has ended into what is known since the start. */
    ended: (durationMs: number): void => {
      sinceStart.requests += 1
      sinceStart.durationMs += durationMs
    },

    /** @throws Error if a window is open */
    open(): void {
      if (current !== undefined) throw new Error('a window is open: close it before the next')
      const openedAtMs = performance.now()
      current = {
        recorder: createRecorder(openedAtMs, endpoints),
        startedAt: new Date().toISOString(),
        openedAtMs,
        openedAtHostMs: Number(process.hrtime.bigint()) / 1e6,
        cpuAtOpening: process.cpuUsage(),
        straysAtOpening: strays(),
        pausedAtOpeningMs: pausedMs(openedAtMs),
        meter: startDelayMeter(),
      }
    },

    /** The whole seconds of the window that is open now. */
    seconds(): Second[] {
      if (current === undefined) throw new Error('no window is open: open one first')
      const { recorder, openedAtMs } = current
      return recorder.seconds((performance.now() - openedAtMs) / 1000)
    },

    /** Forgets the window that is open now. */
    drop(): void {
      current?.meter.stop()
      current = undefined
    },

    /** @throws Error if none is open, or if the outcomes do not add up */
    async close(): Promise<WindowRecord> {
      const closed = current
      if (closed === undefined) throw new Error('no window is open: open one first')
      current = undefined
      const closedAtMs = performance.now()
      const atClosing = { ...sinceStart }
      closed.recorder.closed(closedAtMs)
      const pausedAtClosingMs = pausedMs(closedAtMs)
      const overdueMs = overduePausesMs(closedAtMs, closed.openedAtMs)
      const stuckUsers = waitingSince(closed.openedAtMs)
      const cpu = process.cpuUsage(closed.cpuAtOpening)
      const delay = closed.meter.stop()
      const deadlineMs = closedAtMs + timeoutMs
      // A look now and then costs less than a word from every request of the run.
      for await (const _ of setInterval(LOOK_MS)) {
        const waiting = closed.recorder.inFlight() > 0 && performance.now() < deadlineMs
        if (!waiting || givenUp) break
      }
      const lengthS = (closedAtMs - closed.openedAtMs) / 1000
      const contents = closed.recorder.contents(lengthS)
      return {
        startedAt: closed.startedAt,
        openedAtMs: closed.openedAtHostMs,
        lengthS,
        timeoutMs,
        ...contents,
        edgeMs: contents.edgeMs + pausedAtClosingMs - closed.pausedAtOpeningMs,
        stuckUsers,
        overdueMs: overdueMs.reduce((sum, ms) => sum + ms, 0),
        overduePauses: overdueMs.length,
        cpuS: (cpu.user + cpu.system) / 1e6,
        eventLoopDelayP99Ms: delay.p99Ms,
        eventLoopDelayMaxMs: delay.maxMs,
        strays: strays() - closed.straysAtOpening,
        sinceStart: atClosing,
      }
    },

    /** Lets the windows that wait end with their requests in flight. */
    giveUp(): void {
      givenUp = true
    },
  }
}
