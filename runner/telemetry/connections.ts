import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { logCounter, type LogMark } from './connection-log.ts'

/** A moment: connections are counted between two of them. */
export type ConnectionMark = LogMark | SessionsMark

type SessionsMark = Readonly<{ kind: 'sessions'; count: number; since: string }>

/** Counts the connections that the services have opened to their database, as the server sees them. */
export type ConnectionCounter = Readonly<{
  method: 'log' | 'sessions'
  /** Marks a moment: cheap, for the edges of a window. */
  mark(): Promise<ConnectionMark>
  /** Connections between two marks. @throws with the reason where the count cannot be trusted */
  between(from: ConnectionMark, to: ConnectionMark): Promise<number>
}>

/** `pg_stat_database.sessions` came with this version (PostgreSQL manual, release notes of 14). */
const SESSIONS_SINCE = 140_000

/**
 * What this server counts connections by: its own statistics where it has them, whatever it logs and in
 * whichever language; before PostgreSQL 14 its log. Neither is believed before it has shown a connection of
 * the runner's own.
 *
 * @param client to another database of the same server, held open while counting
 * @param probe opens one connection to the database that `client` is connected to
 * @returns why there is none, with the remedy, in place of a counter
 */
export async function connectionCounter(
  client: pg.Client,
  database: string,
  probe: () => Promise<unknown>,
): Promise<ConnectionCounter | Readonly<{ reason: string }>> {
  try {
    const { rows } = await client.query<{ version: string; own: string }>(
      "SELECT current_setting('server_version_num') AS version, current_database() AS own",
    )
    const { version = '0', own = '' } = rows[0] ?? {}
    const counterOf = Number(version) >= SESSIONS_SINCE ? sessionsCounter : logCounter
    const [counter, proof] = [counterOf(client, database), counterOf(client, own)]
    if (await hasSeen(proof, probe)) return counter
    return { reason: `${UNCOUNTED} ${UNSEEN[counter.method]}` }
  } catch (error) {
    return { reason: `${UNCOUNTED} ${error instanceof Error ? error.message : String(error)}` }
  }
}

const UNCOUNTED = 'The database server could not count connections:'

const UNSEEN = {
  sessions:
    'its statistics miss one of the runner’s own. `ALTER SYSTEM SET track_counts = on`, then ' +
    '`SELECT pg_reload_conf()`.',
  log:
    'its log misses one of the runner’s own. `ALTER SYSTEM SET log_connections = on`, ' +
    "`ALTER SYSTEM SET lc_messages = 'C'`, then `SELECT pg_reload_conf()`; PostgreSQL 14 and later need no log.",
} as const

/** ms. PostgreSQL 14 shows what it counted half a second later. */
const SEEN_WITHIN_MS = 3_000

async function hasSeen(counter: ConnectionCounter, probe: () => Promise<unknown>) {
  const from = await counter.mark()
  await probe()
  const deadline = performance.now() + SEEN_WITHIN_MS
  while ((await counter.between(from, await counter.mark())) === 0) {
    if (performance.now() > deadline) return false
    await delay(50)
  }
  return true
}

function sessionsCounter(client: pg.Client, database: string): ConnectionCounter {
  return {
    method: 'sessions',
    mark: async () => {
      const { rows } = await client.query<{ count: string; since: string }>(
        `SELECT sessions AS count, concat_ws(' ', datid, stats_reset) AS since
           FROM pg_stat_database WHERE datname = $1`,
        [database],
      )
      const { count = '0', since = '' } = rows[0] ?? {}
      return { kind: 'sessions', count: Number(count), since }
    },
    between: (from, to) => {
      if (from.kind !== 'sessions' || to.kind !== 'sessions') throw new Error('marks of a log')
      if (from.since === to.since && to.count >= from.count) {
        return Promise.resolve(to.count - from.count)
      }
      throw new Error('its statistics were reset meanwhile')
    },
  }
}
