import { withConnection } from './connection.ts'

/** PostgreSQL 12, the article's: the oldest on which the kit's own statements were tried. */
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
