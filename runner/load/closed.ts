import { setImmediate as turn } from 'node:timers/promises'
import { openConnections } from './http/client.ts'
import type { Load, LoadOptions, SignIns } from './load.ts'
import { createOrderLedger } from './orders.ts'
import { createStream, thinkTimeOf } from './random.ts'
import { createUser, type User } from './user.ts'
import { createWindows } from './window.ts'

export type ClosedOptions = LoadOptions &
  Readonly<{
    /** ms. Uniform between min and max; see random.ts for a constant one. */
    thinkMs: Readonly<{ min: number; max: number }>
    /**
     * Which of all users these are, where others share them: `first`, `first + step`, … Of a user's place
     * come its journeys and its think time. Absent: all of them.
     */
    places?: Readonly<{ first: number; step: number }>
  }>

/** ms. Newcomers without think time come one by one all the same: a listener's backlog is finite. */
const LEAST_SPREAD_MS = 100
/** Users seated in one turn of the event loop, so that those who are there are not kept waiting. */
const BATCH = 500
/** Streams of random numbers of one user: choices, pauses, offset. */
const STREAMS = 3

/**
 * A closed loop: so many users, each of whom waits for an answer, thinks, and asks again.
 *
 * More users: each newcomer starts at a random offset within one think time. Fewer: the newest are retired,
 * each when its request ends, and forgotten then.
 *
 * @throws Error if the URL is not one of http or https
 */
export function startClosed(options: ClosedOptions): Load {
  const ledger = createOrderLedger()
  /** The newest last. */
  const active: User[] = []
  /** Retired, with a request on its way. */
  const leaving = new Set<User>()
  let seated = 0
  let straysOfTheGone = 0
  const windows = createWindows(
    { timeoutMs: options.timeoutMs, endpoints: options.journey.endpoints },
    {
      strays: () =>
        [...active, ...leaving].reduce((strays, user) => strays + user.strays(), straysOfTheGone),
      pausedMs: (atMs) => active.reduce((sum, user) => sum + user.pausedMs(atMs), 0),
      overduePausesMs: (atMs, sinceMs) =>
        active.map((user) => user.overdueMs(atMs, sinceMs)).filter((ms) => ms > 0),
      waitingSince: (sinceMs) => active.filter((user) => user.waitsSince(sinceMs)).length,
    },
  )
  const { first, step } = options.places ?? { first: 0, step: 1 }
  let stopped = false
  const signsIn = options.signIn === true && options.journey.signIn !== null
  const atTheDoor = createDoor()

  /** @param signedIn called for each of them, with null for one who left before it had */
  function seat(count: number, signedIn: (ended: SignIn | null) => void): void {
    const spreadMs = Math.max(LEAST_SPREAD_MS, options.thinkMs.max)
    const newcomers: (() => boolean)[] = []
    openConnections(count, options, (connection) => {
      const place = first + step * seated
      seated += 1
      const stream = (index: number) => createStream(options.seed, STREAMS * place + index)
      let settle: typeof signedIn | undefined = signedIn
      let isInside = false
      const settled = (ended: SignIn | null): void => {
        settle?.(ended)
        settle = undefined
        if (isInside) atTheDoor.leave()
        isInside = false
      }
      const user = createUser(connection, {
        journey: options.journey,
        thinkMs: thinkTimeOf(place, options.thinkMs),
        choices: stream(0),
        pauses: stream(1),
        ledger,
        recorder: windows.recorder,
        signsIn,
        signedIn: settled,
        ended: windows.ended,
        gone() {
          settled(null)
          leaving.delete(user)
          straysOfTheGone += user.strays()
        },
      })
      active.push(user)
      newcomers.push(() => {
        // Retired while it waited.
        if (settle === undefined) return false
        isInside = signsIn
        user.start(signsIn ? 0 : stream(2)() * spreadMs)
        return true
      })
      return user.events
    })
    // Their clients are whole once all are open.
    for (const start of newcomers) {
      if (signsIn) atTheDoor.come(start)
      else start()
    }
  }

  function retireNewest(): void {
    const user = active.pop()
    if (user === undefined) return
    leaving.add(user)
    user.retire()
  }

  return {
    async apply({ users }) {
      const signIns = countSignIns(Math.max(0, users - active.length))
      for (const size of batches(users - active.length)) {
        if (stopped) return null
        seat(size, signIns.ended)
        // One batch a turn is the point
        await turn()
      }
      while (active.length > users) retireNewest()
      return signsIn ? await signIns.all() : null
    },
    openWindow: () => windows.open(),
    closeWindow: () => windows.close(),
    seconds: async () => windows.seconds(),
    dropWindow: () => windows.drop(),
    totals: () => ledger.totals(),
    async stop() {
      stopped = true
      const everyone = [...active.splice(0), ...leaving]
      for (const user of everyone) user.stop()
      windows.giveUp()
      // The windows that wait see it in the next turns.
      await turn()
      // What this load leaves is collected now, and not in the midst of the next one's window.
      globalThis.gc?.()
    },
  }
}

/**
 * Sign-ins under way. Each costs the service about half a second of CPU: those of a crowd at once would wait for
 * each other until they time out. Three, as the study's arms have workers.
 */
const SIGN_INS_AT_ONCE = 3

/** Starts users a few at a time, in the order in which they come; one that is not started any more says so. */
function createDoor() {
  const waiting: (() => boolean)[] = []
  let inside = 0
  const next = (): void => {
    while (inside < SIGN_INS_AT_ONCE) {
      const start = waiting.shift()
      if (start === undefined) return
      if (start()) inside += 1
    }
  }
  return {
    come(start: () => boolean): void {
      waiting.push(start)
      next()
    },
    leave(): void {
      inside -= 1
      next()
    },
  }
}

type SignIn = Readonly<{ durationMs: number; isGood: boolean }>

/** @param expected so many are waited for */
function countSignIns(expected: number) {
  const whole = Promise.withResolvers<void>()
  let ended = 0
  let sum: SignIns = { succeeded: 0, failed: 0, totalMs: 0 }
  return {
    ended: (signIn: SignIn | null): void => {
      ended += 1
      if (signIn !== null) {
        const { succeeded, failed, totalMs } = sum
        const { isGood, durationMs } = signIn
        sum = {
          succeeded: succeeded + Number(isGood),
          failed: failed + Number(!isGood),
          totalMs: totalMs + durationMs,
        }
      }
      if (ended === expected) whole.resolve()
    },
    async all(): Promise<SignIns> {
      if (ended < expected) await whole.promise
      return sum
    },
  }
}

function batches(count: number): number[] {
  const sizes: number[] = []
  for (let left = count; left > 0; left -= BATCH) sizes.push(Math.min(left, BATCH))
  return sizes
}
