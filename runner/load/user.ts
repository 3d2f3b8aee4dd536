import { performance } from 'node:perf_hooks'
import type { Connection, ConnectionEvents, Ending, TransportError } from './http/connection.ts'
import type { Journey, Random, Step, Verdict } from '../scenario/journey.ts'
import { endOfRefusedOrder, type OrderLedger } from './orders.ts'
import { drawBetween } from './random.ts'
import type { Recorder, RecordedPause } from './recorder.ts'

export type UserOptions = Readonly<{
  journey: Journey
  thinkMs: Readonly<{ min: number; max: number }>
  /** Streams of this user's own: the choices of the journey, and the pauses. */
  choices: Random
  pauses: Random
  ledger: OrderLedger
  /** Does it sign in first? In no window, and counted nowhere but by `ended` and `signedIn`. */
  signsIn?: boolean
  /** The sign-in has ended, well or not. */
  signedIn?(ended: Readonly<{ durationMs: number; isGood: boolean }>): void
  /** The recorder of the window that is open now, if one is. */
  recorder(): Recorder | undefined
  /** A request has ended, in a window or not, however it did. */
  ended(durationMs: number): void
  /** It has left: its connection is closed, and nothing more comes of it. Called once. */
  gone(): void
}>

/**
 * A closed-loop client: think, send, wait, judge, and again.
 *
 * | state      | waits for                      | goes to                                                      |
 * | ---------- | ------------------------------ | ------------------------------------------------------------ |
 * | new        | `start`                        | pausing: its offset                                          |
 * | pausing    | the end of its pause           | connecting                                                   |
 * | connecting | a connection, if it has none   | in flight: `sent`; pausing: `ended`, it never got one        |
 * | in flight  | the end of its request         | pausing: `ended`; leaving: `retire`                          |
 * | leaving    | the end of its last request    | gone: `ended`                                                |
 * | gone       | nothing                        |                                                              |
 *
 * `stop` leads from each of them to gone, and so does `retire`, but in flight.
 */
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

/**
 * From the end of a request to the sending of the next; an offset comes before the first one, and a backoff
 * is longer than the think time.
 */
type Pause = Readonly<{ is: 'offset' | 'think' | 'backoff'; fromMs: number; forMs: number }>

type State =
  | Readonly<{ kind: 'new' | 'gone' }>
  | Readonly<{ kind: 'pausing'; pause: Pause }>
  /** `sinceMs`: the pause was over; from then on it is the connection that the user waits for. */
  | Readonly<{ kind: 'connecting'; pause: Pause; sinceMs: number }>
  | Readonly<{
      kind: 'in flight' | 'leaving'
      sentAtMs: number
      /** Of the window in which it was sent. */
      recorder: Recorder | undefined
    }>

export function createUser(connection: Connection, options: UserOptions): User {
  let state: State = { kind: 'new' }
  const { journey, choices } = options
  let signIn = options.signsIn ? journey.signIn?.(choices) : undefined
  /** What is sent next, or was sent last. */
  let step: Step = signIn ?? journey.begin(choices)
  let connectionFailures = 0
  let timer: Readonly<{ of: NodeJS.Timeout; ms: number }> | undefined

  const events: ConnectionEvents = {
    sent(atMs) {
      if (state.kind !== 'connecting') return
      const recorder = step === signIn ? undefined : options.recorder()
      recorder?.sent(step.endpoint, recorded(state.pause, state.sinceMs))
      if (step.orderedQuantity !== undefined) options.ledger.sent(step.orderedQuantity)
      state = { kind: 'in flight', sentAtMs: atMs, recorder }
    },
    ended(ending) {
      const endedAtMs = performance.now()
      const verdict = verdictOf(step, ending)
      const was = state
      if (step === signIn) {
        if (was.kind === 'new' || was.kind === 'pausing' || was.kind === 'gone') return
        signIn = undefined
        options.ended(ending.durationMs)
        options.signedIn?.({ durationMs: ending.durationMs, isGood: verdict.kind !== 'failed' })
        if (was.kind === 'leaving') return stop()
      } else if (was.kind === 'in flight' || was.kind === 'leaving') {
        const retired = was.kind === 'leaving'
        settleOrder(verdict)
        const open = options.recorder()
        if (open !== was.recorder) open?.carriedOver(endedAtMs, { retired })
        count(was.recorder, was.sentAtMs, ending, verdict)
        if (retired) return stop()
      } else if (was.kind === 'connecting') {
        // It never got a connection: it counts as sent, and failed, in the window that is open now.
        const open = options.recorder()
        open?.sent(step.endpoint, recorded(was.pause, undefined))
        count(open, endedAtMs, ending, verdict)
      } else {
        return
      }
      goOn(verdict, endedAtMs)
    },
  }

  function settleOrder(verdict: UserVerdict): void {
    if (step.orderedQuantity === undefined) return
    options.ledger.ended(
      step.orderedQuantity,
      verdict.kind === 'failed' ? endOfRefusedOrder(verdict.error) : 'acknowledged',
    )
  }

  function count(
    recorder: Recorder | undefined,
    sentAtMs: number,
    { durationMs }: Ending,
    verdict: UserVerdict,
  ): void {
    options.ended(durationMs)
    if (verdict.kind === 'failed') {
      recorder?.failed(step.endpoint, sentAtMs, durationMs, verdict.error)
      recorder?.journeyAborted()
    } else {
      recorder?.succeeded(step.endpoint, sentAtMs, durationMs)
      if (verdict.kind === 'complete') recorder?.journeyCompleted()
    }
  }

  /** To the next step, or to the first of a new journey, after a pause. */
  function goOn(verdict: UserVerdict, endedAtMs: number): void {
    connectionFailures =
      verdict.kind === 'failed' && isConnectionFailure(verdict.error) ? connectionFailures + 1 : 0
    step = verdict.kind === 'next' ? verdict.step : journey.begin(choices)
    // Timers have whole ms: what is asked for is what is counted.
    const thinkMs = Math.round(drawBetween(options.pauses, options.thinkMs))
    const leastMs = backoffMs(connectionFailures)
    pause(
      leastMs > thinkMs
        ? { is: 'backoff', fromMs: endedAtMs, forMs: leastMs }
        : { is: 'think', fromMs: endedAtMs, forMs: thinkMs },
    )
  }

  function pause(asked: Pause): void {
    const { forMs } = asked
    state = { kind: 'pausing', pause: asked }
    if (forMs === 0 && asked.is !== 'offset') return send()
    // A constant think time needs one timer for all of a user's pauses.
    if (forMs === timer?.ms) timer.of.refresh()
    else timer = { of: setTimeout(send, forMs), ms: forMs }
  }

  function send(): void {
    if (state.kind !== 'pausing') return
    state = { kind: 'connecting', pause: state.pause, sinceMs: performance.now() }
    connection.send(step.request)
  }

  function stop(): void {
    if (state.kind === 'gone') return
    state = { kind: 'gone' }
    clearTimeout(timer?.of)
    connection.close()
    options.gone()
  }

  return {
    events,
    start: (offsetMs) => pause({ is: 'offset', fromMs: performance.now(), forMs: offsetMs }),
    retire() {
      // Still connecting is not in flight: nothing of the request has gone out.
      if (state.kind === 'in flight') state = { ...state, kind: 'leaving' }
      else if (state.kind !== 'leaving') stop()
    },
    stop,
    strays: () => connection.strays(),
    pausedMs(atMs) {
      if (state.kind !== 'pausing' && state.kind !== 'connecting') return 0
      return Math.min(atMs - state.pause.fromMs, state.pause.forMs)
    },
    overdueMs(atMs, sinceMs) {
      if (state.kind !== 'pausing' && state.kind !== 'connecting') return 0
      const dueMs = Math.max(state.pause.fromMs + state.pause.forMs, sinceMs)
      return Math.max(0, (state.kind === 'connecting' ? state.sinceMs : atMs) - dueMs)
    },
    waitsSince: (sinceMs) =>
      (state.kind === 'in flight' || state.kind === 'leaving') && state.sentAtMs < sinceMs,
  }
}

/** @param untilMs when it ended; undefined where the time until then is not to be counted */
const recorded = ({ is, fromMs, forMs }: Pause, untilMs: number | undefined): RecordedPause => ({
  nominalMs: is === 'offset' ? undefined : forMs,
  observedMs: is === 'think' && untilMs !== undefined ? untilMs - fromMs : undefined,
  offsetMs: is === 'offset' ? forMs : 0,
})

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
