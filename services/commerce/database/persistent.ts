import type { Client, ClientConfig } from 'pg'
import { closeClient, openClient } from './client.ts'
import type { Connections } from './connections.ts'

/** A worker and the connection it keeps. */
type Worker = { client: Client | undefined; expiresAtMs: number }

/**
 * Workers that each keep a connection until it is `maxAgeMs` old: what Django does with `CONN_MAX_AGE`.
 * The age is looked at when a request begins, as in Django; an idle worker's connection may outlive it.
 *
 * Workers take turns, so that all of them serve. There is always a free one when `lend` is called:
 * admission.ts lets no more requests in than there are workers.
 */
export function persistent(
  config: ClientConfig,
  workers: number,
  maxAgeMs: number,
  nowMs: () => number = performance.now.bind(performance),
): Connections {
  const free: Worker[] = Array.from({ length: workers }, () => ({
    client: undefined,
    expiresAtMs: 0,
  }))

  async function connect(worker: Worker): Promise<Client> {
    const old = worker.client
    worker.client = undefined
    if (old) await closeClient(old)
    const client = await openClient(config)
    client.once('end', () => {
      if (worker.client === client) worker.client = undefined
    })
    worker.client = client
    worker.expiresAtMs = nowMs() + maxAgeMs
    return client
  }

  return {
    async lend() {
      const worker = free.shift()
      if (!worker) throw new Error('persistent: more requests let in than there are workers')
      try {
        const reused = worker.client !== undefined && nowMs() < worker.expiresAtMs
        const client = reused && worker.client ? worker.client : await connect(worker)
        return {
          client,
          reused,
          async giveBack(broken) {
            if (broken) {
              worker.client = undefined
              await closeClient(client)
            }
            free.push(worker)
          },
        }
      } catch (error) {
        free.push(worker)
        throw error
      }
    },
    async close() {
      await Promise.all(free.map(async ({ client }) => client && closeClient(client)))
    },
  }
}
