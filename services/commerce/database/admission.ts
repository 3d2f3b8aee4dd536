import { DatabaseFault } from './fault.ts'

/** A bounded queue before a bounded number of places. */
export type Admission = Readonly<{
  /** Resolves when a place is free, first come, first served; rejects with a `busy` fault. */
  enter(): Promise<void>
  leave(): void
}>

type Waiting = { admit(): void; timer: NodeJS.Timeout }

/**
 * Lets `places` requests use the database at once. At most `queueMax` more wait, each for at most
 * `timeoutMs`: a queue without a bound would turn overload into ever longer latency and memory.
 */
export function admission(places: number, queueMax: number, timeoutMs: number): Admission {
  const queue = new Set<Waiting>()
  let free = places

  function wait(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting: Waiting = {
      admit: resolve,
      timer: setTimeout(() => {
        queue.delete(waiting)
        reject(new DatabaseFault('busy', `no connection came free within ${timeoutMs} ms`))
      }, timeoutMs),
    }
    queue.add(waiting)
    return promise
  }

  return {
    async enter() {
      if (free > 0) {
        free -= 1
        return
      }
      if (queue.size >= queueMax) {
        throw new DatabaseFault('busy', `${queueMax} requests wait for a connection already`)
      }
      await wait()
    },
    leave() {
      const [first] = queue
      if (!first) {
        free += 1
        return
      }
      queue.delete(first)
      clearTimeout(first.timer)
      first.admit()
    },
  }
}
