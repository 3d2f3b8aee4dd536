import type pg from 'pg'

/** Counts the connections that the services have opened to their database, as the server sees them. */
export type ConnectionCounter = Readonly<{
  method: 'log' | 'sessions'
  /** Marks the point up to which `since` will count: cheap, for the edges of a window. */
  mark(): Promise<number>
  /** Connections between two marks. */
  between(from: number, to: number): Promise<number>
}>

/**
 * The best count this server offers: its log of connections, exact and the same on PostgreSQL 12 to 18,
 * where it is kept and may be read; otherwise `pg_stat_database.sessions`, of 14 and later.
 *
 * @param client to another database of the same server, held open while counting
 * @returns null where the server offers neither
 */
export async function connectionCounter(
  client: pg.Client,
  database: string,
): Promise<ConnectionCounter | null> {
  return (await logCounter(client, database)) ?? (await sessionsCounter(client, database))
}

/** Bytes of log fetched at once. */
const CHUNK = 4_000_000

async function logCounter(client: pg.Client, database: string): Promise<ConnectionCounter | null> {
  const file = await logFile(client)
  if (file === null) return null
  const size = async (): Promise<number> => {
    const { rows } = await client.query<{ size: string }>('SELECT size FROM pg_stat_file($1)', [
      file,
    ])
    return Number(rows[0]?.size ?? 0)
  }
  // log_connections writes this line once a session is let in (PostgreSQL manual, 19.8.2).
  const line = new RegExp(
    `connection authorized: user=\\S+ database=${escape(database)}(?!\\S)`,
    'g',
  )
  return {
    method: 'log',
    mark: size,
    between: async (from, to) => {
      let count = 0
      let rest = ''
      for (let at = from; at < to; at += CHUNK) {
        const { rows } = await client.query<{ text: Buffer }>(
          'SELECT pg_read_binary_file($1, $2, $3) AS text',
          [file, at, Math.min(CHUNK, to - at)],
        )
        const text = rest + (rows[0]?.text.toString('latin1') ?? '')
        const end = text.lastIndexOf('\n') + 1
        count += text.slice(0, end).match(line)?.length ?? 0
        rest = text.slice(end)
      }
      return count
    },
  }
}

/** The server's current log file, if connections are logged to it and this role may read it. */
async function logFile(client: pg.Client): Promise<string | null> {
  try {
    const { rows } = await client.query<{ file: string | null; logged: string; head: Buffer }>(
      `SELECT pg_current_logfile() AS file, current_setting('log_connections') AS logged,
              pg_read_binary_file(pg_current_logfile(), 0, 1) AS head`,
    )
    const { file, logged } = rows[0] ?? { file: null, logged: 'off' }
    return logged === 'off' || logged === '' ? null : file
  } catch {
    return null
  }
}

async function sessionsCounter(
  client: pg.Client,
  database: string,
): Promise<ConnectionCounter | null> {
  const read = async (): Promise<number> => {
    const { rows } = await client.query<{ sessions: string }>(
      'SELECT sessions FROM pg_stat_database WHERE datname = $1',
      [database],
    )
    return Number(rows[0]?.sessions ?? 0)
  }
  try {
    await read()
  } catch {
    return null
  }
  return { method: 'sessions', mark: read, between: (from, to) => Promise.resolve(to - from) }
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
