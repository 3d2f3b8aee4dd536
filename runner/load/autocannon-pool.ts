import autocannon, { type Client } from 'autocannon'
import { adoptClient } from './autocannon-connection.ts'
import type { Connection, ConnectionEvents, ConnectionOptions } from './connection.ts'
import { requestWriter } from './request-bytes.ts'

/** s. Longer than any run, and still below the 2^31 ms that a timer can hold. */
const NEVER_S = 1e6
/**
 * ms. How often autocannon adds up what it counted, and looks whether it was stopped. Rarely, for
 * nobody reads it; but its timers keep the process for as long after `stop`.
 */
const LOOK_MS = 500

/**
 * autocannon's own three histograms take 5 MB a run and are read by nobody; what its worker threads
 * pass in their place is passed here.
 */
const UNREAD = {
  recordValue() {},
  reset() {},
  destroy() {},
  ['__custom']: true,
}

/** Connections that came together: one run of autocannon. */
export type ConnectionPool = Readonly<{
  /** Lets autocannon end its run, within half a second. Every connection must be closed before. */
  stop(): void
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
  const { timeoutMs } = options
  const write = requestWriter(options.url)
  let first: Client | undefined
  const runOptions: autocannon.Options & { histograms: object } = {
    url: options.url,
    connections: count,
    duration: NEVER_S,
    timeout: NEVER_S,
    sampleInt: LOOK_MS,
    // No rate of any kind: it would turn on a correction with the wrong unit, and bursts. Without
    // one, autocannon refuses `ignoreCoordinatedOmission`, having nothing to ignore.
    skipAggregateResult: true,
    histograms: { latencies: UNREAD, requests: UNREAD, throughput: UNREAD },
    setupClient: (client) => {
      first ??= client
      adoptClient(client, { write, timeoutMs, first }, use)
    },
  }
  // With a callback it returns its run, without one a promise that cannot be stopped.
  const run = autocannon(runOptions, (error) => {
    // Options that it refuses, at once: a defect of ours.
    if (error instanceof Error) throw error
  })
  return { stop: () => run.stop() }
}
