import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { closeClient, connectedClient } from './database.ts'
import type { TestDatabase } from './testbed.ts'

/** First key of the kit's advisory locks; the second is of the database's name. `same` in ASCII. */
const KEY = 0x73_61_6d_65
/** ms. Time for the server to see that an earlier runner, killed a moment ago, is gone. */
const WITHIN_MS = 5_000
const LOOK_MS = 250

export type LockedDatabase = TestDatabase & Readonly<{ release(): Promise<void> }>

/**
 * The database, for one run alone: a second one would drop it under the first. An advisory lock in the
 * database that stays, held by a connection of its own, so that it ends with its process however that ends.
 *
 * @returns `recreate` takes the lock again where its connection was lost, and throws, before it drops
 *   anything, if another run has it meanwhile
 * @throws naming the run that holds it
 */
export async function lockedDatabase(database: TestDatabase): Promise<LockedDatabase> {
  let held = await lock(database)
  return {
    ...database,
    recreate: async () => {
      if (!(await isHeld(held))) {
        // Cut, so that the server releases the lock that it may still hold for this connection.
        await closeClient(held.client)
        held = await lock(database)
      }
      await database.recreate()
    },
    release: () => closeClient(held.client),
  }
}

type Held = Readonly<{ client: pg.Client; isLost(): boolean }>

/** Asked of the server itself: a way to it that drops packets tells the client nothing. */
async function isHeld({ client, isLost }: Held): Promise<boolean> {
  if (isLost()) return false
  const answer = client.query('SELECT 1').then(
    () => true,
    () => false,
  )
  const late = new AbortController()
  const gaveUp = delay(WITHIN_MS, false, { signal: late.signal }).catch(() => false)
  const isAnswered = await Promise.race([answer, gaveUp])
  late.abort()
  return isAnswered
}

async function lock({ adminUrl, name }: TestDatabase): Promise<Held> {
  const client = await connectedClient(adminUrl)
  let lost = false
  client.on('error', () => (lost = true))
  client.on('end', () => (lost = true))
  try {
    // The server cuts it at 63 bytes.
    const who = `samehost, process ${process.pid} on ${hostname()}`
    await client.query("SELECT set_config('application_name', $1, false)", [who])
    const deadline = performance.now() + WITHIN_MS
    while (!(await isTaken(client, name))) {
      if (performance.now() > deadline) throw new Error(await inUse(client, name))
      await delay(LOOK_MS)
    }
    return { client, isLost: () => lost }
  } catch (error) {
    await closeClient(client)
    throw error
  }
}

async function isTaken(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_lock($1, hashtext($2)) AS taken',
    [KEY, name],
  )
  return rows[0]?.taken === true
}

/** The two keys as pg_locks has them: Source: PostgreSQL 12, 51.73 pg_locks. */
const HOLDER = `
  SELECT pid, application_name AS who, coalesce(host(client_addr), 'a local socket') AS at,
         to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
  FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE locktype = 'advisory' AND granted AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid::bigint = $1 AND objid::bigint = hashtext($2)::bigint & 4294967295`

type Holder = Readonly<{ pid: number; who: string; at: string; since: string }>

async function inUse(client: pg.Client, name: string): Promise<string> {
  const { rows } = await client.query<Holder>(HOLDER, [KEY, name])
  const [holder] = rows
  const who =
    holder === undefined
      ? 'another run'
      : `${holder.who} (from ${holder.at}, process ${holder.pid} of the server), since ${holder.since}`
  return (
    `The database ${name} is in use by ${who}. Two runs at once would drop it under each other: wait ` +
    'until the other run has ended. In Compose another COMPOSE_PROJECT_NAME has a database of its own.'
  )
}
