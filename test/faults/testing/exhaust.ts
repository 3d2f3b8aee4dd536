import { setTimeout as delay } from 'node:timers/promises'
import { Client, DatabaseError } from 'pg'
import { withConnection } from '../../../runner/testbed/connection.ts'

const TOO_MANY_CONNECTIONS = '53300'

/**
 * Takes every connection that the server has for ordinary users, those of the service included: its
 * own are ended, and taken before it can have them back. Lets go of them after `holdMs`.
 */
export async function exhaustConnections(
  url: string,
  adminUrl: string,
  holdMs: number,
): Promise<void> {
  const taken: Client[] = []
  // One for all: those who are about to be refused use up the reserved places for a moment as well.
  await withConnection(adminUrl, async (admin) => {
    try {
      do await takeAll(url, taken)
      while ((await endServices(admin)) > 0)
      await delay(holdMs)
    } finally {
      await Promise.all(taken.map((client) => client.end()))
    }
  })
}

async function endServices(admin: Pick<Client, 'query'>): Promise<number> {
  const { rows } = await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'samehost %'`,
  )
  return rows.length
}

async function takeAll(url: string, taken: Client[]): Promise<void> {
  for (;;) {
    const client = new Client({ connectionString: url })
    client.on('error', () => undefined)
    try {
      await client.connect()
    } catch (error) {
      if (error instanceof DatabaseError && error.code === TOO_MANY_CONNECTIONS) return
      throw error
    }
    taken.push(client)
  }
}
