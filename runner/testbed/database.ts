import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { withConnection } from './connection.ts'

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
 * Drops the database and creates it anew, so that no trial inherits another's bloat, statistics or
 * caches of plans. Works on PostgreSQL 12 to 18, also while other clients hang on it: `DROP DATABASE …
 * WITH (FORCE)` is of 13, so new connections are forbidden first, then the standing ones ended.
 */
export async function createDatabase(plan: DatabasePlan): Promise<void> {
  const inside = new URL(plan.adminUrl)
  inside.pathname = `/${encodeURIComponent(plan.name)}`
  const role = await withConnection(plan.adminUrl, async (client) => {
    const owner = plan.owner === null ? await standingOwner(client, plan.name) : plan.owner.name
    if (plan.owner !== null) await ensureRole(client, plan.owner)
    await drop(client, plan.name)
    const [name, quoted] = [client.escapeIdentifier(plan.name), client.escapeIdentifier(owner)]
    await client.query(`CREATE DATABASE ${name} OWNER ${quoted} TEMPLATE template0`)
    return quoted
  })
  await withConnection(inside.href, async (client) => {
    await client.query(`SET ROLE ${role}`)
    for (const statements of plan.sql) await client.query(statements)
    await client.query('RESET ROLE')
    await client.query('ANALYZE')
    // The pages just written are flushed now rather than by a checkpoint in the middle of a stage.
    await client.query('CHECKPOINT')
  })
}

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

async function drop(client: pg.Client, name: string): Promise<void> {
  const known = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
  if (known.rowCount === 0) return
  const identifier = client.escapeIdentifier(name)
  await client.query(`ALTER DATABASE ${identifier} ALLOW_CONNECTIONS false`)
  const deadline = performance.now() + 10_000
  for (;;) {
    await client.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
      [name],
    )
    try {
      await client.query(`DROP DATABASE ${identifier}`)
      return
    } catch (cause) {
      if ((cause as { code?: string }).code !== OBJECT_IN_USE || performance.now() > deadline) {
        throw new Error(
          `The database ${name} could not be dropped. Is it used by another program?`,
          {
            cause,
          },
        )
      }
      await delay(50)
    }
  }
}
