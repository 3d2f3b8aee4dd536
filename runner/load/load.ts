import type { Second } from '../measurement/figures.ts'
import type { Journey } from '../scenario/journey.ts'
import type { OrderTotals } from './orders.ts'
import type { WindowRecord } from './recorder.ts'

/** How much load: users in a closed loop, requests that begin in a second, or so many that begin at once. */
type Level = Readonly<{ users: number }> | Readonly<{ perS: number }> | Readonly<{ burst: number }>

/** The level of a closed loop. */
export type Users = Extract<Level, { users: number }>

/** What every kind of load is told. */
export type LoadOptions = Readonly<{
  /** Base URL of the arm, its path prefix included: `http://nginx:8080/pooled`. */
  url: string
  /** ms. From the first byte sent to the last byte received. */
  timeoutMs: number
  /** The same seed and the same calls give the same journeys. */
  seed: number
  journey: Journey
  /** Does each new user sign in before its first journey? Absent: no. */
  signIn?: boolean
}>

/** What became of the sign-ins of new users; durations in ms, together. */
export type SignIns = Readonly<{ succeeded: number; failed: number; totalMs: number }>

/**
 * Requests that are held at a level, and the windows in which they are counted. Each kind of load is a file
 * with the name by which users know it: closed.ts.
 */
export type Load<Of extends Level = Users> = {
  /**
   * Goes to `level` without disturbing what is under way. Resolves once it is held: where users sign in, when
   * all new ones have.
   *
   * @returns null where users do not sign in
   */
  apply(level: Of): Promise<SignIns | null>
  /** From now on requests are counted into a window, by the moment of their first byte sent. */
  openWindow(): void
  /**
   * Ends the window; waits until its requests have ended, `timeoutMs` at most, and returns it. The
   * load goes on, uncounted.
   */
  closeWindow(): Promise<WindowRecord>
  /** The whole seconds of the window that is open now; a request counts once it has ended. */
  seconds(): Promise<Second[]>
  /** Forgets the window that is open now; its requests go on, uncounted. */
  dropWindow(): void
  /** Over the life of the load, for the audit. Still right after `stop`. */
  totals(): OrderTotals
  /** Closes everything within a second. A window that waits for its requests ends with them in flight. */
  stop(): Promise<void>
}
