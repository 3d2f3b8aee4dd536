import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { withConnection } from './connection.ts'

export type DatabasePlan = Readonly<{
  /** Of a superuser, to a database that stays (`postgres`). */
  adminUrl: string
  name: string
  /** The role the services log in as; made if it is not there. Not a superuser. */
  owner: string
  password: string
  /** Statements to run in it, in order: schema, then seed. */
  sql: readonly string[]
}>

/**
 * Drops the database and creates it anew, so that no trial inherits another's bloat, statistics or
 * caches of plans. Works on PostgreSQL 12 to 18, also while other clients hang on it: `DROP DATABASE …
 * WITH (FORCE)` is of 13, so new connections are forbidden first, then the standing ones ended.
 */
export async function createDatabase(plan: DatabasePlan): Promise<void> {
  await withConnection(plan.adminUrl, async (client) => {
    await ensureRole(client, plan)
    await drop(client, plan.name)
    const [name, owner] = [client.escapeIdentifier(plan.name), client.escapeIdentifier(plan.owner)]
    await client.query(`CREATE DATABASE ${name} OWNER ${owner} TEMPLATE template0`)
  })
  const asOwner = new URL(plan.adminUrl)
  asOwner.username = plan.owner
  asOwner.password = plan.password
  asOwner.pathname = `/${plan.name}`
  await withConnection(asOwner.href, async (client) => {
    for (const statements of plan.sql) await client.query(statements)
    await client.query('ANALYZE')
  })
  // The pages just written are flushed now rather than by a checkpoint in the middle of a stage.
  await withConnection(plan.adminUrl, (client) => client.query('CHECKPOINT'))
}

async function ensureRole(client: pg.Client, { owner, password }: DatabasePlan): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [owner])
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER'
  await client.query(
    `${verb} ROLE ${client.escapeIdentifier(owner)} LOGIN PASSWORD ${client.escapeLiteral(password)}`,
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
