import { setTimeout as delay } from 'node:timers/promises'
import { withoutCredentials } from '../foreign/address.ts'
import { parseForeignJson, readAnswer, ReadError, type ReadFault } from '../foreign/read.ts'
import type { Identity } from '../measurement/trial.ts'
import { withConnection } from './database.ts'

const WITHIN_MS = 60_000

type Waiting = Readonly<{
  /** `/healthz` is the process alone; `/readyz`, its database too. */
  path?: '/healthz' | '/readyz'
  /** By the status of the answer; absent: one of success. */
  isReady?: (status: number) => boolean
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
  {
    path = '/readyz',
    isReady = (status) => status >= 200 && status < 300,
    died = () => null,
    withinMs = WITHIN_MS,
    signal,
  }: Waiting = {},
): Promise<void> {
  const deadline = performance.now() + withinMs
  let last = 'nothing'
  while (performance.now() < deadline) {
    signal?.throwIfAborted()
    const reason = died()
    if (reason !== null) throw new Error(`${name} ended before it was ready: ${reason}`)
    try {
      const { status } = await readAnswer(`${url}${path}`, {
        withinMs: 5_000,
        maxBytes: MAX_BYTES,
        signal,
      })
      if (isReady(status)) return
      last = `status ${status}`
    } catch (error) {
      // No waiting makes a certificate better, or of another protocol HTTP.
      if (error instanceof ReadError && FINAL.has(error.fault)) {
        // oxlint-disable-next-line preserve-caught-error -- its whole message is in this one
        throw new Error(`${name}: ${withoutCredentials(`${url}${path}`)}: ${error.message}.`)
      }
      last = error instanceof Error ? error.message : String(error)
    }
    await delay(100, undefined, signal === undefined ? {} : { signal })
  }
  const where = withoutCredentials(`${url}${path}`)
  throw new Error(`${name} at ${where} was not ready in ${withinMs / 1000} s (last: ${last}).`)
}

/** What the database server says of itself, such as `PostgreSQL 12.22`. */
export async function serverVersion(adminUrl: string): Promise<string> {
  return await withConnection(adminUrl, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
    return `PostgreSQL ${rows[0]?.server_version ?? ''}`.trim()
  })
}

/**
 * `versions` of a service's /healthz in a line: `node 24.21.0, hono 4.13.19`; null if it says none. Of what
 * a service may say, only what reads as a name and a version, and only so much.
 */
export async function serviceVersion(url: string): Promise<string | null> {
  try {
    const { text } = await readAnswer(`${url}/healthz`, { withinMs: 5_000, maxBytes: MAX_BYTES })
    const { versions } = parseForeignJson(text) as { versions?: Record<string, unknown> }
    if (typeof versions !== 'object' || Array.isArray(versions)) return null
    const found = Object.entries(versions ?? {})
      .filter(([name, version]) => WORD.test(name) && WORD.test(String(version)))
      .map(([name, version]) => `${name} ${String(version)}`)
    return found.length > 0 ? found.slice(0, MOST_VERSIONS).join(', ') : null
  } catch {
    return null
  }
}

/**
 * `settings` and `given` of a service's /healthz (services/contract.yaml), as texts. Of what a service may say,
 * only what reads as a variable and a value, and only so much; nothing that is named like a secret.
 *
 * @param text the body
 */
export function settingsIn(text: string): Pick<Identity, 'settings' | 'given'> {
  let body: unknown
  try {
    body = parseForeignJson(text)
  } catch {
    return {}
  }
  const { settings, given } = (body ?? {}) as { settings?: unknown; given?: unknown }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) return {}
  const said = Object.entries(settings).flatMap(([name, value]: [string, unknown]) => {
    const isValue = typeof value === 'number' || typeof value === 'string'
    const isSaid = isValue && VARIABLE.test(name) && !SECRET.test(name) && VALUE.test(String(value))
    return isSaid ? [[name, String(value)] as const] : []
  })
  return {
    settings: Object.fromEntries(said.slice(0, MOST_SETTINGS)),
    ...(typeof given === 'string' && /^[0-9a-f]{64}$/.test(given) ? { given } : {}),
  }
}

const VARIABLE = /^[A-Z][A-Z0-9_]{0,63}$/
const VALUE = /^[\x20-\x7e]{0,200}$/
const SECRET = /PASS|SECRET|TOKEN|KEY|URL/
const MOST_SETTINGS = 64

/** Of an answer about health. */
const MAX_BYTES = 64 * 1024
const WORD = /^[\w.+~@/ -]{1,60}$/
const MOST_VERSIONS = 20
const FINAL: ReadonlySet<ReadFault> = new Set(['untrusted', 'too-large'])
