import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { withConnection } from '../../../runner/testbed/database.ts'
import { startPostgres } from '../../../runner/testbed/embedded/postgres.ts'
import type { TestDatabase } from '../../../runner/testbed/testbed.ts'
import { shopDatabase } from '../../fixtures/shop.ts'

export type ServiceDatabase = TestDatabase &
  Readonly<{
    query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>
    /** Holds a product's row, so that orders for it wait within their transaction, until it is released. */
    lockProduct(id: number): Promise<AsyncDisposable & { release(): Promise<void> }>
    /** Server processes that serve the database now, other than the one that asks. */
    backends(): Promise<number[]>
    /**
     * All that the server wrote until now. Its log is written by a process of its own, when that comes to it:
     * a last connection is made, and waited for there.
     */
    serverLog(): Promise<string>
    stop(): Promise<void>
  }>

/** A PostgreSQL of the test's own, with the tables and products of the service. */
export async function startDatabase(
  settings: Readonly<Record<string, string>> = {},
): Promise<ServiceDatabase> {
  // What is committed need not outlive the machine: a busy disk would hold every order up.
  const postgres = await startPostgres({ settings: { fsync: 'off', ...settings } })
  const database = shopDatabase(postgres.url, 'a password')
  await database.recreate()

  const query = <Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> => {
    const url = new URL(postgres.url)
    url.pathname = `/${database.name}`
    return withConnection(url.href, async (client) => {
      const { rows } = await client.query(sql, [...values])
      return rows as Row[]
    })
  }
  const lockProduct = async (id: number) => {
    const url = new URL(postgres.url)
    url.pathname = `/${database.name}`
    const client = new Client({ connectionString: url.href })
    await client.connect()
    await client.query(`BEGIN; SELECT FROM products WHERE id = ${id} FOR NO KEY UPDATE`)
    // Its end rolls back, and releases what it holds.
    let ended: Promise<void> | undefined
    const release = (): Promise<void> => (ended ??= client.end())
    return { release, [Symbol.asyncDispose]: release }
  }
  const backends = async (): Promise<number[]> => {
    const rows = await query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'samehost %'`,
    )
    return rows.map(({ pid }) => pid)
  }
  const serverLog = async (): Promise<string> => {
    const mark = `mark-${randomUUID()}`
    const url = new URL(postgres.url)
    url.searchParams.set('application_name', mark)
    await withConnection(url.href, (client) => client.query('SELECT 1'))
    let log = ''
    await eventually(
      'the log is up to date',
      async () => {
        log = await readFile(postgres.logFile, 'utf8')
        return log.includes(mark)
      },
      60_000,
    )
    return log.slice(0, log.indexOf(mark))
  }
  return { ...database, query, lockProduct, backends, serverLog, stop: () => postgres.stop() }
}

/** Waits until `holds` does; fails, saying what was waited for, after `withinMs`. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`)
    await delay(20)
  }
}
