import { withConnection } from './connection.ts'

/** What the database server says of itself, such as `PostgreSQL 12.22`. */
export async function serverVersion(adminUrl: string): Promise<string> {
  return await withConnection(adminUrl, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
    return `PostgreSQL ${rows[0]?.server_version ?? ''}`.trim()
  })
}

/** `versions` of a service's /healthz in a line: `node 24.21.0, hono 4.13.19`; null if it tells none. */
export async function serviceVersion(url: string): Promise<string | null> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(5_000) })
    const { versions } = (await response.json()) as { versions?: Record<string, unknown> }
    const told = Object.entries(versions ?? {}).map(
      ([name, version]) => `${name} ${String(version)}`,
    )
    return told.length > 0 ? told.join(', ') : null
  } catch {
    return null
  }
}
