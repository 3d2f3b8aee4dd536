import { Client, DatabaseError } from 'pg'
import { withConnection } from '../../../runner/testbed/connection.ts'

const TOO_MANY_CONNECTIONS = '53300'

/**
 * Takes every connection that the server has for ordinary users, those of the service included: its
 * own are ended, and taken before it can have them back.
 */
export async function exhaustConnections(url: string, adminUrl: string): Promise<AsyncDisposable> {
  const taken: Client[] = []
  const held: AsyncDisposable = {
    async [Symbol.asyncDispose]() {
      await Promise.all(taken.map((client) => client.end()))
    },
  }
  const endServices = (): Promise<number> =>
    withConnection(adminUrl, async (client) => {
      const { rowCount } = await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'samehost %'`,
      )
      return rowCount ?? 0
    })
  try {
    do await takeAll(url, taken)
    while ((await endServices()) > 0)
    return held
  } catch (error) {
    await held[Symbol.asyncDispose]()
    throw error
  }
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
