import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { testDatabase, withConnection } from '../../../runner/testbed/database.ts'
import { startPostgres } from '../../../runner/testbed/embedded/postgres.ts'
import type { TestDatabase } from '../../../runner/testbed/testbed.ts'

export type ServiceDatabase = TestDatabase &
  Readonly<{
    query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>
    /** Server processes that serve the database now, other than the one that asks. */
    backends(): Promise<number[]>
    /** All that the server wrote so far. */
    serverLog(): Promise<string>
    stop(): Promise<void>
  }>

/** A PostgreSQL of the test's own, with the tables and products of the service. */
export async function startDatabase(
  settings: Readonly<Record<string, string>> = {},
): Promise<ServiceDatabase> {
  const postgres = await startPostgres({ settings })
  const database = await testDatabase(postgres.url, 'a password')
  await database.recreate()

  const query = <Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> => {
    const url = new URL(postgres.url)
    url.pathname = `/${database.name}`
    return withConnection(url.href, async (client) => {
      const { rows } = await client.query(sql, [...values])
      return rows as Row[]
    })
  }
  const backends = async (): Promise<number[]> => {
    const rows = await query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'samehost %'`,
    )
    return rows.map(({ pid }) => pid)
  }
  const serverLog = (): Promise<string> => readFile(postgres.logFile, 'utf8')
  return { ...database, query, backends, serverLog, stop: () => postgres.stop() }
}

/** Waits until `holds` does; fails, saying what was waited for, after `withinMs`. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`)
    await delay(20)
  }
}
