import { type ClientConfig, Pool, type PoolClient } from 'pg'
import { ignoreErrorEvents } from './client.ts'
import type { Connections } from './connections.ts'

/** One `pg.Pool` of at most `max` connections, which it keeps for as long as they live. */
export function pooled(config: ClientConfig, max: number): Connections {
  const pool = new Pool({ ...config, max, idleTimeoutMillis: 0 })
  const seen = new WeakSet<PoolClient>()
  pool.on('connect', ignoreErrorEvents)
  // An idle connection died: the pool has dropped it already and opens another when one is needed.
  pool.on('error', () => undefined)
  return {
    async lend() {
      const client = await pool.connect()
      const reused = seen.has(client)
      if (!reused) seen.add(client)
      return { client, reused, giveBack: (broken) => client.release(broken) }
    },
    close: () => pool.end(),
  }
}
