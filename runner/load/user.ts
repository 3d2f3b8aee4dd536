import { performance } from 'node:perf_hooks'
import type { Connection, ConnectionEvents, Ending, TransportError } from './http/connection.ts'
import type { Journey, Step, Verdict } from './journey.ts'
import { endOfRefusedOrder, type OrderLedger } from './orders.ts'
import { drawBetween, type Random } from './random.ts'
import type { Recorder } from './recorder.ts'

export type UserOptions = Readonly<{
  journey: Journey
  thinkMs: Readonly<{ min: number; max: number }>
  /** Streams of this user's own: the choices of the journey, and the pauses. */
  choices: Random
  pauses: Random
  ledger: OrderLedger
  /** The recorder of the window that is open now, if one is. */
  recorder(): Recorder | undefined
}>

/** A closed-loop client: think, send, wait, judge, and again. */
export type User = Readonly<{
  events: ConnectionEvents
  /** Sends its first request after `offsetMs`. */
  start(offsetMs: number): void
  /** Closes the connection: when the request in flight has ended, or at once if there is none. */
  retire(): void
  /** Closes the connection at once. */
  stop(): void
  strays(): number
  /** ms of the pause, or of the first offset, that have passed: at most what was asked for; 0 in flight. */
  pausedMs(atMs: number): number
  /** ms, of those since `sinceMs`, by which that pause is over what was asked for; 0 in flight. */
  overdueMs(atMs: number, sinceMs: number): number
  /** Is a request in flight that was sent before `sinceMs`? */
  waitsSince(sinceMs: number): boolean
}>

export function createUser(connection: Connection, options: UserOptions): User {
  let step: Step = options.journey(options.choices)
  let timer: NodeJS.Timeout | undefined
  let timerMs: number | undefined
  let retired = false
  let connectionFailures = 0
  /** Undefined before the first request, which comes after an offset and not after a pause. */
  let nominalPauseMs: number | undefined
  /** When the last request ended; undefined when the pause since is no think time. */
  let idleSinceMs: number | undefined
  /** The pause since the last request, or the offset of the first: when it began, and how long it is to be. */
  let pauseFromMs = 0
  let pauseForMs = 0
  /** When the pause was over: from then on it is the connection that the user waits for. */
  let pausedUntilMs: number | undefined
  /** Of the request in flight. */
  let sentAtMs: number | undefined
  let recorder: Recorder | undefined

  const events: ConnectionEvents = {
    sent(atMs) {
      sentAtMs = atMs
      recorder = options.recorder()
      recorder?.sent(step.endpoint, {
        nominalMs: nominalPauseMs,
        observedMs: idleSinceMs === undefined ? undefined : (pausedUntilMs ?? atMs) - idleSinceMs,
        offsetMs: nominalPauseMs === undefined ? pauseForMs : 0,
      })
      if (step.orderedQuantity !== undefined) options.ledger.sent(step.orderedQuantity)
    },
    ended(ending) {
      const endedAtMs = performance.now()
      const verdict = verdictOf(step, ending)
      settleOrder(verdict)
      settleRequest(ending, verdict, endedAtMs)
      if (retired) return stop()
      connectionFailures =
        verdict.kind === 'failed' && isConnectionFailure(verdict.error) ? connectionFailures + 1 : 0
      step = verdict.kind === 'next' ? verdict.step : options.journey(options.choices)
      // Timers have whole ms: what is asked for is what is counted.
      const thinkMs = Math.round(drawBetween(options.pauses, options.thinkMs))
      const leastMs = backoffMs(connectionFailures)
      idleSinceMs = leastMs > thinkMs ? undefined : endedAtMs
      pauseFromMs = endedAtMs
      pausedUntilMs = undefined
      pauseForMs = Math.max(thinkMs, leastMs)
      pause(pauseForMs)
    },
  }

  function settleOrder(verdict: UserVerdict): void {
    if (step.orderedQuantity === undefined || sentAtMs === undefined) return
    options.ledger.ended(
      step.orderedQuantity,
      verdict.kind === 'failed' ? endOfRefusedOrder(verdict.error) : 'acknowledged',
    )
  }

  function settleRequest(ending: Ending, verdict: UserVerdict, nowMs: number): void {
    const open = options.recorder()
    if (sentAtMs !== undefined && open !== recorder) open?.carriedOver(nowMs, { retired })
    if (sentAtMs === undefined) {
      // It never got a connection: it counts as sent, and failed, in the window that is open now.
      recorder = open
      const offsetMs = nominalPauseMs === undefined ? pauseForMs : 0
      recorder?.sent(step.endpoint, { nominalMs: nominalPauseMs, observedMs: undefined, offsetMs })
    }
    const at = sentAtMs ?? nowMs
    if (verdict.kind === 'failed') {
      recorder?.failed(step.endpoint, at, ending.durationMs, verdict.error)
      recorder?.journeyAborted()
    } else {
      recorder?.succeeded(step.endpoint, at, ending.durationMs)
      if (verdict.kind === 'complete') recorder?.journeyCompleted()
    }
    recorder = undefined
    sentAtMs = undefined
  }

  function pause(durationMs: number): void {
    nominalPauseMs = durationMs
    if (durationMs === 0) return send()
    // A constant think time needs one timer for all of a user's pauses.
    if (timer !== undefined && durationMs === timerMs) timer.refresh()
    else timer = setTimeout(send, durationMs)
    timerMs = durationMs
  }

  function send(): void {
    pausedUntilMs = performance.now()
    connection.send(step.request)
  }

  function stop(): void {
    retired = true
    clearTimeout(timer)
    connection.close()
  }

  return {
    events,
    start(offsetMs) {
      pauseFromMs = performance.now()
      pauseForMs = offsetMs
      timer = setTimeout(send, offsetMs)
    },
    retire() {
      // Still connecting is not in flight: nothing of the request has gone out.
      if (sentAtMs === undefined) stop()
      else retired = true
    },
    stop,
    strays: () => connection.strays(),
    pausedMs: (atMs) => (sentAtMs === undefined ? Math.min(atMs - pauseFromMs, pauseForMs) : 0),
    overdueMs(atMs, sinceMs) {
      if (sentAtMs !== undefined) return 0
      const dueMs = Math.max(pauseFromMs + pauseForMs, sinceMs)
      return Math.max(0, (pausedUntilMs ?? atMs) - dueMs)
    },
    waitsSince: (sinceMs) => sentAtMs !== undefined && sentAtMs < sinceMs,
  }
}

type UserVerdict = Verdict | Readonly<{ kind: 'failed'; error: string }>

function verdictOf(step: Step, ending: Ending): UserVerdict {
  if (ending.kind === 'failed') return ending
  try {
    return step.judge(ending.answer)
  } catch {
    // A judge meets whatever a server can think of; one it cannot read is not what it was promised.
    return { kind: 'failed', error: 'invalid-body' }
  }
}

const FIRST_MS = 50
const LONGEST_MS = 1000

/** Failures after which the next attempt would meet the same closed door at once. */
const CONNECTION_FAILURES: ReadonlySet<string> = new Set<TransportError>([
  'connection-refused',
  'connection-lost',
  'client-exhausted',
])

const isConnectionFailure = (error: string): boolean => CONNECTION_FAILURES.has(error)

/**
 * ms to wait at least after the `failures`-th failure in a row to get an answer out of a
 * connection: 50, 100, 200, 400, 800, then 1000. Without it a user without think time spins.
 */
export const backoffMs = (failures: number): number =>
  failures === 0 ? 0 : Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1))
