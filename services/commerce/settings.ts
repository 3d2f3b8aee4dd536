import { createHash } from 'node:crypto'
import type { DatabaseConfig } from './config.ts'

/** What the service goes by, for who measures it: `settings` and `given` of /healthz in services/contract.yaml. */
export type Settings = Readonly<{
  settings: Readonly<Record<string, string | number>>
  given: string
}>

type Variables = Readonly<Record<string, string | undefined>>

/** Variables of the runtime below the service, which says them as they stand. */
const RUNTIME = /^(NODE|UV|MALLOC)_/
const SECRET = 'DB_PASSWORD'

/** Only what has a meaning in the mode: what is not here changes nothing. */
export function settingsOf(database: DatabaseConfig, variables: Variables): Settings {
  const { mode, tls } = database
  const { hostname, port } = new URL(database.url)
  const texts = (wanted: (name: string) => boolean) =>
    Object.entries(variables).flatMap(([name, text]) =>
      text && wanted(name) ? [[name, text] as const] : [],
    )
  const ofMode = {
    pooled: { DB_POOL_MAX: database.poolMax },
    'per-request': { DB_WORKERS: database.workers },
    persistent: {
      DB_WORKERS: database.workers,
      DB_CONN_MAX_AGE: `${database.connectionMaxAgeMs}ms`,
    },
  }[mode]
  const settings = {
    DB_MODE: mode,
    ...ofMode,
    DB_PREPARE: database.prepare ? 'on' : 'off',
    DB_COMMITS: database.commits,
    DB_HOST: hostname,
    DB_PORT: Number(port || 5432),
    ...(tls && { DB_TLS_CA: variables['DB_TLS_CA'] ?? '', DB_TLS_NEGOTIATION: tls.negotiation }),
    DB_QUEUE_MAX: database.queueMax,
    DB_ACQUIRE_TIMEOUT: `${database.acquireTimeoutMs}ms`,
    DB_CONNECT_TIMEOUT: `${database.connectTimeoutMs}ms`,
    DB_STATEMENT_TIMEOUT: `${database.statementTimeoutMs}ms`,
    DB_TRANSACTION_TIMEOUT: `${database.transactionTimeoutMs}ms`,
    ...Object.fromEntries(texts((name) => RUNTIME.test(name))),
  }
  const given = texts((name) => (name !== SECRET && name.startsWith('DB_')) || RUNTIME.test(name))
    .map(([name, text]) => `${name}=${text}\n`)
    .toSorted()
  return { settings, given: createHash('sha256').update(given.join('')).digest('hex') }
}
