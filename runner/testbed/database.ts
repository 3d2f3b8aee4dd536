import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { ScenarioDatabase } from '../scenario/scenario.ts'
import type { TestDatabase } from './testbed.ts'

export type DatabasePlan = Readonly<{
  /** Of a superuser, to a database that stays (`postgres`). */
  adminUrl: string
  name: string
  /** The role the services log in as, made if it is not there; null: whoever owns the database now. */
  owner: Readonly<{ name: string; password: string }> | null
  /** Statements to run in it, in order: schema, then seed. */
  sql: readonly string[]
}>

/**
 * Drops the database and creates it again, so that no trial inherits another's bloat, statistics or
 * caches of plans. Works on PostgreSQL 12 to 18, also while other clients hang on it: `DROP DATABASE …
 * WITH (FORCE)` is of 13, so new connections are forbidden first, then the standing ones ended.
 */
export async function createDatabase(plan: DatabasePlan): Promise<void> {
  const inside = new URL(plan.adminUrl)
  inside.pathname = `/${encodeURIComponent(plan.name)}`
  const options = { queryTimeoutMs: MAKING_MS }
  const making = async (client: pg.Client): Promise<string> => {
    const owner = plan.owner === null ? await standingOwner(client, plan.name) : plan.owner.name
    if (plan.owner !== null) await ensureRole(client, plan.owner)
    await drop(client, plan.name)
    const [name, quoted] = [client.escapeIdentifier(plan.name), client.escapeIdentifier(owner)]
    await client.query(`CREATE DATABASE ${name} OWNER ${quoted} TEMPLATE template0`)
    return quoted
  }
  const role = await withConnection(plan.adminUrl, making, options)
  const filling = async (client: pg.Client): Promise<void> => {
    await client.query(`SET ROLE ${role}`)
    for (const statements of plan.sql) await client.query(statements)
    await client.query('RESET ROLE')
    await client.query('ANALYZE')
    // The pages just written are flushed now rather than by a checkpoint in the middle of a stage.
    await client.query('CHECKPOINT')
  }
  await withConnection(inside.href, filling, options)
}

/** ms that a query may take: of a server that is there, and to make a database, whose disk may be slow. */
const [QUERY_MS, MAKING_MS] = [30_000, 180_000]
/** ms in which a connection closes in order; then it is cut: a server that is stopped closes nothing. */
const CLOSING_MS = 2_000

async function standingOwner(client: pg.Client, name: string): Promise<string> {
  const { rows } = await client.query<{ owner: string }>(
    `SELECT coalesce((SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1),
                     current_user) AS owner`,
    [name],
  )
  return rows[0]?.owner ?? ''
}

async function ensureRole(
  client: pg.Client,
  { name, password }: Readonly<{ name: string; password: string }>,
): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name])
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER'
  await client.query(
    `${verb} ROLE ${client.escapeIdentifier(name)} LOGIN PASSWORD ${client.escapeLiteral(password)}`,
  )
}

const OBJECT_IN_USE = '55006'

/** @throws after which the database is as it was: open to those to whom it was open before */
async function drop(client: pg.Client, name: string): Promise<void> {
  const { rows } = await client.query<{ open: boolean }>(
    'SELECT datallowconn AS open FROM pg_database WHERE datname = $1',
    [name],
  )
  const [known] = rows
  if (known === undefined) return
  const identifier = client.escapeIdentifier(name)
  await client.query(`ALTER DATABASE ${identifier} ALLOW_CONNECTIONS false`)
  try {
    await dropClosed(client, name)
  } catch (cause) {
    const opening = `ALTER DATABASE ${identifier} ALLOW_CONNECTIONS true`
    let remedy = 'Is it used by another program?'
    if (known.open) {
      await client.query(opening).catch(() => {
        remedy += ` It is closed to everybody now: \`${opening}\` opens it again.`
      })
    }
    throw new Error(`The database ${name} could not be dropped. ${remedy}`, { cause })
  }
}

async function dropClosed(client: pg.Client, name: string): Promise<void> {
  const deadline = performance.now() + 10_000
  for (;;) {
    await client.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
      [name],
    )
    try {
      await client.query(`DROP DATABASE ${client.escapeIdentifier(name)}`)
      return
    } catch (cause) {
      if ((cause as { code?: string }).code !== OBJECT_IN_USE || performance.now() > deadline) {
        throw cause
      }
      await delay(50)
    }
  }
}

/** Opens one connection, hands it to `work`, and closes it whatever happens. */
export async function withConnection<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
  options: Readonly<{ queryTimeoutMs?: number; fullMs?: number }> = {},
): Promise<T> {
  const client = await connectedClient(url, options)
  try {
    return await work(client)
  } finally {
    await closeClient(client)
  }
}

/** PostgreSQL's `too_many_connections`. */
const TOO_MANY_CONNECTIONS = '53300'
/** ms in which a server that lets nobody in may end the connections of the load just ended. */
const FULL_MS = 10_000

/**
 * A connection of the runner's own. A server that is full is asked again for a while: connection attempts
 * that it is about to refuse take a slot each, those kept for superusers too.
 *
 * @throws what the last attempt failed with
 */
export async function connectedClient(
  url: string,
  {
    queryTimeoutMs = QUERY_MS,
    fullMs = FULL_MS,
  }: { queryTimeoutMs?: number; fullMs?: number } = {},
): Promise<pg.Client> {
  const deadline = performance.now() + fullMs
  for (;;) {
    const client = createClient(url, queryTimeoutMs)
    try {
      await client.connect()
      return client
    } catch (cause) {
      await closeClient(client)
      const full = (cause as { code?: string }).code === TOO_MANY_CONNECTIONS
      if (!full || performance.now() > deadline) throw cause
      await delay(100)
    }
  }
}

/** No query of it waits for ever. */
function createClient(url: string, queryTimeoutMs: number): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'samehost-runner',
    connectionTimeoutMillis: 5_000,
    query_timeout: queryTimeoutMs,
    // A connection that idles for a trial is not forgotten on the way.
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
  })
  // A server that goes away is reported by the query at hand; without a listener it ends the process.
  client.on('error', () => {})
  return client
}

/** Closes it in order, or cuts it: it never throws, and keeps no process alive. */
export async function closeClient(client: pg.Client): Promise<void> {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } }
  const cut = setTimeout(() => connection.stream.destroy(), CLOSING_MS)
  await client.end().catch(() => {})
  clearTimeout(cut)
}

/** Enough for a median; at 5 ms a quarter of a second. */
const ROUND_TRIPS = 50

/** ms. Median time of the smallest statement, on a connection that is open. */
export async function roundTripMs(url: string): Promise<number> {
  return await withConnection(url, async (client) => {
    const times: number[] = []
    for (let at = 0; at < ROUND_TRIPS; at += 1) {
      const from = performance.now()
      await client.query('SELECT 1')
      times.push(performance.now() - from)
    }
    return times.toSorted((a, b) => a - b)[ROUND_TRIPS / 2] ?? NaN
  })
}

/**
 * Waits for a database server to answer.
 *
 * @param gaveUp says that waiting longer is no use, such as when the process has ended
 * @throws naming what was waited for and how long
 */
export async function waitUntilAnswering(
  url: string,
  options: Readonly<{ withinMs: number; gaveUp?: () => boolean; signal?: AbortSignal | undefined }>,
): Promise<void> {
  const deadline = performance.now() + options.withinMs
  let last: unknown
  while (performance.now() < deadline && options.gaveUp?.() !== true) {
    options.signal?.throwIfAborted()
    try {
      await withConnection(url, (client) => client.query('SELECT 1'), { fullMs: 0 })
      return
    } catch (error) {
      last = error
      await delay(50)
    }
  }
  const where = new URL(url).host
  throw new Error(`PostgreSQL at ${where} did not answer within ${options.withinMs / 1000} s.`, {
    cause: last,
  })
}

/**
 * The database of the services on the server that `adminUrl` leads to.
 *
 * @param password of the owner, under which the services log in
 * @param scenario how it is made; null: the scenario has none
 * @returns `recreate` throws, before it drops anything, if the server is older than the kit can use
 * @throws where there is none: the services of this testbed all have one
 */
export function testDatabase(
  adminUrl: string,
  password: string,
  scenario: ScenarioDatabase | null,
): TestDatabase {
  if (scenario === null)
    throw new Error('The scenario has no database, so its service is measured with --target alone.')
  const { name, sql, audit } = scenario
  const url = new URL(adminUrl)
  url.username = name
  url.password = password
  url.pathname = `/${name}`
  const plan = { adminUrl, name, owner: { name, password }, sql }
  const recreate = async (): Promise<void> => {
    await ensureSupported(adminUrl)
    await createDatabase(plan)
  }
  return { name, adminUrl, url: url.href, recreate, audit }
}

/** PostgreSQL 12: the oldest on which the kit's own statements were tried. */
const OLDEST_MAJOR = 12

/** Why this server cannot be used; null if it can. `versionNum` is its `server_version_num`. */
export function unsupported(versionNum: number): string | null {
  const major = Math.floor(versionNum / 10_000)
  if (major >= OLDEST_MAJOR) return null
  return (
    `The database server is PostgreSQL ${major}, older than ${OLDEST_MAJOR}: its connections could not ` +
    `be counted and its figures compared with nothing. Name a server of ${OLDEST_MAJOR} or later.`
  )
}

/** @throws saying why the server is not of a version that the kit can use */
export async function ensureSupported(adminUrl: string): Promise<void> {
  const versionNum = await withConnection(adminUrl, async (client) => {
    const { rows } = await client.query<{ n: string }>(
      "SELECT current_setting('server_version_num') AS n",
    )
    return Number(rows[0]?.n)
  })
  const reason = unsupported(versionNum)
  if (reason !== null) throw new Error(reason)
}
