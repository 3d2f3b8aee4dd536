import { urlToHttpOptions } from 'node:url'
import HttpClient from 'autocannon/lib/httpClient.js'
import { adoptClient } from './autocannon-connection.ts'
import type { Connection, ConnectionEvents, ConnectionOptions } from './connection.ts'
import { requestWriter } from './request-bytes.ts'

/** s. Longer than any run, and still below the 2^31 ms that a timer can hold. */
const NEVER_S = 1e6

/**
 * Makes `count` connections, each of which gets its events from `use`, at once. None connects
 * before it first sends, so a crowd does not overflow the listener's backlog.
 *
 * Of autocannon only its client is used: what runs around it keeps histograms, a progress bar and
 * tables that nobody here reads, in 10 MB, and timers that outlive their end by half a second.
 *
 * @throws Error if the URL is not one of http or https
 */
export function openConnections(
  count: number,
  { url, timeoutMs }: ConnectionOptions,
  use: (connection: Connection) => ConnectionEvents,
): void {
  const write = requestWriter(url)
  const clients: HttpClient[] = []
  const options = {
    ...urlToHttpOptions(new URL(url)),
    // No rate of any kind: it would turn on a correction with the wrong unit, and bursts.
    timeout: NEVER_S,
    setupClient(client: HttpClient) {
      adoptClient(client, { write, timeoutMs, first: clients[0] }, use)
    },
  }
  while (clients.length < count) clients.push(new HttpClient(options))
}
