import type { ClientConfig } from 'pg'
import { closeClient, openClient } from './client.ts'
import type { Connections } from './connections.ts'

/**
 * A new connection for every request, closed at its end: what Django does with `CONN_MAX_AGE=0`.
 * Like Django, which closes when the response has been sent, it does not delay the response; the
 * worker is not free for another request until the connection is gone.
 */
export function perRequest(config: ClientConfig): Connections {
  return {
    async lend() {
      const client = await openClient(config)
      return { client, reused: false, giveBack: () => closeClient(client) }
    },
    close: async () => undefined,
  }
}
