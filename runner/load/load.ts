import { setImmediate as turn } from 'node:timers/promises'
import { openConnections } from './http/client.ts'
import type { Journey } from './journey.ts'
import type { Second } from '../measurement/figures.ts'
import { createOrderLedger, type OrderTotals } from './orders.ts'
import { createStream, thinkTimeOf } from './random.ts'
import type { WindowRecord } from './recorder.ts'
import { createUser, type User } from './user.ts'
import { createWindows } from './window.ts'

export type LoadOptions = Readonly<{
  /** Base URL of the arm, its path prefix included: `http://nginx:8080/pooled`. */
  url: string
  /** ms. Uniform between min and max; see user.ts for a constant one. */
  thinkMs: Readonly<{ min: number; max: number }>
  /** ms. From the first byte sent to the last byte received. */
  timeoutMs: number
  /** The same seed and the same calls give the same journeys. */
  seed: number
  journey: Journey
  /**
   * Which of all users these are, where others share them: `first`, `first + step`, … Of a user's place
   * come its journeys and its think time. Absent: all of them.
   */
  places?: Readonly<{ first: number; step: number }>
}>

/** Closed-loop virtual users, and the windows in which their requests are counted. */
export type Load = {
  /**
   * Raises the users to `count` without disturbing those who are there; each newcomer starts at a
   * random offset within one think time. Lowering retires the newest, each when its request ends.
   */
  setUsers(count: number): Promise<void>
  users(): number
  /** From now on requests are counted into a window, by the moment of their first byte sent. */
  openWindow(): void
  /**
   * Ends the window; waits until its requests have ended, `timeoutMs` at most, and returns it. The
   * users go on, uncounted.
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

/** ms. Newcomers without think time come one by one all the same: a listener's backlog is finite. */
const LEAST_SPREAD_MS = 100
/** Users seated in one turn of the event loop, so that those who are there are not kept waiting. */
const BATCH = 500
/** Streams of random numbers of one user: choices, pauses, offset. */
const STREAMS = 3

/** @throws Error if the URL is not one of http or https */
export function startLoad(options: LoadOptions): Load {
  const ledger = createOrderLedger()
  const everyone: User[] = []
  const active: User[] = []
  const windows = createWindows(options.timeoutMs, {
    strays: () => everyone.reduce((strays, user) => strays + user.strays(), 0),
    pausedMs: (atMs) => active.reduce((sum, user) => sum + user.pausedMs(atMs), 0),
    overduePausesMs: (atMs, sinceMs) =>
      active.map((user) => user.overdueMs(atMs, sinceMs)).filter((ms) => ms > 0),
    waitingSince: (sinceMs) => active.filter((user) => user.waitsSince(sinceMs)).length,
  })
  const { first, step } = options.places ?? { first: 0, step: 1 }
  const placeOf = (index: number): number => first + step * index
  let stopped = false

  function seat(count: number): void {
    const newcomers: User[] = []
    openConnections(count, options, (connection) => {
      const place = placeOf(everyone.length + newcomers.length)
      const stream = STREAMS * place
      const user = createUser(connection, {
        journey: options.journey,
        thinkMs: thinkTimeOf(place, options.thinkMs),
        choices: createStream(options.seed, stream),
        pauses: createStream(options.seed, stream + 1),
        ledger,
        recorder: windows.recorder,
      })
      newcomers.push(user)
      return user.events
    })
    const spreadMs = Math.max(LEAST_SPREAD_MS, options.thinkMs.max)
    for (const user of newcomers) {
      const offset = createStream(options.seed, STREAMS * placeOf(everyone.length) + 2)
      user.start(offset() * spreadMs)
      everyone.push(user)
      active.push(user)
    }
  }

  return {
    async setUsers(count) {
      for (const size of batches(count - active.length)) {
        if (stopped) return
        seat(size)
        // One batch a turn is the point
        await turn()
      }
      while (active.length > count) active.pop()?.retire()
    },
    users: () => active.length,
    openWindow: () => windows.open(),
    closeWindow: () => windows.close(),
    seconds: async () => windows.seconds(),
    dropWindow: () => windows.drop(),
    totals: () => ledger.totals(),
    async stop() {
      stopped = true
      active.length = 0
      for (const user of everyone) user.stop()
      windows.giveUp()
      // The windows that wait see it in the next turns.
      await turn()
      // What this load leaves is collected now, and not in the midst of the next one's window.
      globalThis.gc?.()
    },
  }
}

function batches(count: number): number[] {
  const sizes: number[] = []
  for (let left = count; left > 0; left -= BATCH) sizes.push(Math.min(left, BATCH))
  return sizes
}
