import autocannon from 'autocannon'
import { adoptClient } from './autocannon-connection.ts'
import type { Connection, ConnectionEvents, ConnectionOptions } from './connection.ts'
import { requestWriter } from './request-bytes.ts'

/** s. Longer than any run, and still below the 2^31 ms that a timer can hold. */
const NEVER_S = 1e6
/** ms. How often autocannon looks whether it was stopped: it bounds `close`. */
const LOOK_MS = 100

/** Connections that came together: one run of autocannon. */
export type ConnectionPool = Readonly<{
  /** Waits, below a second, for autocannon's own timers. Every connection must be closed before. */
  close(): Promise<void>
}>

/**
 * Makes `count` connections, each of which gets its events from `use`, at once. None connects
 * before it first sends, so a crowd does not overflow the listener's backlog.
 *
 * @throws Error if the URL is not one of http or https
 */
export function openPool(
  count: number,
  options: ConnectionOptions,
  use: (connection: Connection) => ConnectionEvents,
): ConnectionPool {
  const write = requestWriter(options.url)
  const ended = Promise.withResolvers<void>()
  const runOptions: autocannon.Options = {
    url: options.url,
    connections: count,
    duration: NEVER_S,
    timeout: NEVER_S,
    sampleInt: LOOK_MS,
    // No rate of any kind: it would turn on a correction with the wrong unit, and bursts. Without
    // one, autocannon refuses `ignoreCoordinatedOmission`, having nothing to ignore.
    skipAggregateResult: true,
    setupClient: (client) => adoptClient(client, { write, timeoutMs: options.timeoutMs }, use),
  }
  const run = autocannon(runOptions, (error) => {
    if (error instanceof Error) ended.reject(error)
    else ended.resolve()
  })
  // Reported by `close`; until then nobody listens.
  ended.promise.catch(() => {})
  return {
    close() {
      run.stop()
      return ended.promise
    },
  }
}
