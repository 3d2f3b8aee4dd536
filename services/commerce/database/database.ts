import { Kysely, PostgresDialect } from 'kysely'
import type { DatabaseConfig } from '../config.ts'
import { admission } from './admission.ts'
import { clientConfig } from './client.ts'
import type { Connections } from './connections.ts'
import { perRequest } from './per-request.ts'
import { persistent } from './persistent.ts'
import { pooled } from './pooled.ts'
import type { Schema } from './schema.ts'
import { isStale, sessions } from './session.ts'

/** The database as a request sees it, whatever the mode. */
export type Database = Readonly<{
  /**
   * Runs `work` on one connection, which it holds to the end. A request calls this at most once, and
   * not at all if it needs no database. `work` must begin with a read or with a transaction's begin:
   * that first statement is repeated on another connection if the server had closed a kept one.
   */
  use<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T>
  close(): Promise<void>
}>

export function openDatabase(config: DatabaseConfig): Database {
  const { connections, places } = connectionsOf(config)
  const queue = admission(places, config.queueMax, config.acquireTimeoutMs)
  const kysely = new Kysely<Schema>({
    dialect: new PostgresDialect({
      pool: sessions(connections, queue, { prepare: config.prepare }),
    }),
  })
  return {
    async use(work) {
      for (;;) {
        try {
          return await kysely.connection().execute(work)
        } catch (error) {
          // Each turn discards a dead connection, and one newly opened is never called stale.
          if (!isStale(error)) throw error
        }
      }
    },
    close: () => connections.close(),
  }
}

type Reach = Readonly<{ connections: Connections; places: number }>

/** The one place that looks at the mode. */
function connectionsOf(config: DatabaseConfig): Reach {
  const client = clientConfig(config)
  const { mode, poolMax, workers, connectionMaxAgeMs } = config
  if (mode === 'pooled') return { connections: pooled(client, poolMax), places: poolMax }
  if (mode === 'per-request') return { connections: perRequest(client), places: workers }
  return { connections: persistent(client, workers, connectionMaxAgeMs), places: workers }
}
