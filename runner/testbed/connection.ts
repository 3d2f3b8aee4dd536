import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

/** Opens one connection, hands it to `work`, and closes it whatever happens. */
export async function withConnection<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'samehost-runner',
    connectionTimeoutMillis: 5_000,
  })
  // A server that goes away is reported by the query at hand; without a listener it ends the process.
  client.on('error', () => {})
  try {
    await client.connect()
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}

/**
 * Waits for a database server to answer.
 *
 * @param gaveUp says that waiting longer is no use, such as when the process has ended
 * @throws naming what was waited for and how long
 */
export async function waitUntilAnswering(
  url: string,
  options: Readonly<{ withinMs: number; gaveUp?: () => boolean }>,
): Promise<void> {
  const deadline = performance.now() + options.withinMs
  let last: unknown
  while (performance.now() < deadline && options.gaveUp?.() !== true) {
    try {
      await withConnection(url, (client) => client.query('SELECT 1'))
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
