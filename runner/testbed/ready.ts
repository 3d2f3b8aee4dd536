import { setTimeout as delay } from 'node:timers/promises'
import { withConnection } from './database.ts'

const WITHIN_MS = 60_000

type Waiting = Readonly<{
  /** `/healthz` is the process alone; `/readyz`, its database too. */
  path?: '/healthz' | '/readyz'
  /** Says why waiting longer is no use, such as a process that has ended. */
  died?: () => string | null
  withinMs?: number
  /** Ends the waiting. */
  signal?: AbortSignal | undefined
}>

/**
 * Waits until the service answers that it is ready.
 *
 * @throws naming what was waited for, how long, and the last answer
 */
export async function waitUntilReady(
  name: string,
  url: string,
  { path = '/readyz', died = () => null, withinMs = WITHIN_MS, signal }: Waiting = {},
): Promise<void> {
  const deadline = performance.now() + withinMs
  let last = 'nothing'
  while (performance.now() < deadline) {
    signal?.throwIfAborted()
    const reason = died()
    if (reason !== null) throw new Error(`${name} ended before it was ready: ${reason}`)
    try {
      const limit = AbortSignal.timeout(5_000)
      const until = signal === undefined ? limit : AbortSignal.any([limit, signal])
      const response = await fetch(`${url}${path}`, { signal: until })
      await response.body?.cancel()
      if (response.ok) return
      last = `status ${response.status}`
    } catch (error) {
      last = messageOf(error)
    }
    await delay(100, undefined, signal === undefined ? {} : { signal })
  }
  throw new Error(`${name} at ${url}${path} was not ready in ${withinMs / 1000} s (last: ${last}).`)
}

function messageOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error) return cause.message
  return error instanceof Error ? error.message : String(error)
}

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
