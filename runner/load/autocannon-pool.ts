import autocannon from 'autocannon'
import { privateClient } from './autocannon-client.ts'
import { adoptClient } from './autocannon-connection.ts'
import type { Connection, ConnectionEvents, ConnectionOptions } from './connection.ts'

/** s. Longer than any run, and still below the 2^31 ms that a timer can hold. */
const NEVER_S = 1e6
/** ms. How often autocannon looks whether it was stopped: it bounds `close`. */
const LOOK_MS = 250

/** A batch of connections that came together: one run of autocannon. */
export type ConnectionPool = Readonly<{
  connections: readonly Connection[]
  /** Closes every connection at once and waits, below a second, for autocannon's own timers. */
  close(): Promise<void>
}>

/**
 * `count` connections, each with the events that `events` makes for it. None connects before it
 * first sends, so a crowd does not overflow the listener's backlog.
 *
 * @throws Error if the URL is not one of http or https
 */
export function openPool(
  count: number,
  options: ConnectionOptions,
  events: (index: number) => ConnectionEvents,
): ConnectionPool {
  const url = new URL(options.url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Error(`cannot drive ${options.url}: give an http or https URL`)
  }
  const basePath = url.pathname.replace(/\/+$/, '')
  const connections: Connection[] = []
  const run = autocannon({
    url: options.url,
    connections: count,
    duration: NEVER_S,
    timeout: NEVER_S,
    sampleInt: LOOK_MS,
    // No rate of any kind: it would turn on a correction with the wrong unit, and bursts. Without
    // one, autocannon refuses `ignoreCoordinatedOmission`, having nothing to ignore.
    skipAggregateResult: true,
    setupClient: (client) => {
      const index = connections.length
      const adoptOptions = { basePath, timeoutMs: options.timeoutMs }
      connections.push(adoptClient(privateClient(client), adoptOptions, events(index)))
    },
  })
  // The run is a thenable: awaiting it is awaiting its end.
  const ended = Promise.resolve(run as unknown as PromiseLike<unknown>)
  // Reported by `close`; until then nobody listens.
  ended.catch(() => {})
  return {
    connections,
    async close() {
      for (const connection of connections) connection.close()
      run.stop()
      await ended
    },
  }
}
