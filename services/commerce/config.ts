import { randomBytes } from 'node:crypto'
import { databaseTls, type DatabaseTls } from './database/tls.ts'
import { databaseUrl, URL_PARTS } from './database/url.ts'
import { type Environment, fileText, readEnvironment } from './environment.ts'
import { type Settings, settingsOf } from './settings.ts'

export const MODES = ['pooled', 'per-request', 'persistent'] as const

/** How requests reach the database: the one thing that differs between the arms. */
export type Mode = (typeof MODES)[number]

/** In how many transactions an order is placed: in one, or in the article's four. */
export type Commits = (typeof COMMITS)[number]
const COMMITS = ['one', 'each'] as const

export type Config = Readonly<{
  host: string
  port: number
  identity: Identity
  settings: Settings
  /** By which tokens are signed: the same for all arms of a run. */
  tokenSecret: string
  /** How long a stop waits for the requests in flight. */
  drainTimeoutMs: number
  database: DatabaseConfig
}>

/**
 * Which arm this is and which process of it, so that who measures it can prove that it is the one meant; and
 * whether it prepares its statements, which a comparison must know.
 */
export type Identity = Readonly<{ arm: string | undefined; instance: string; prepare: boolean }>

export type DatabaseConfig = Readonly<{
  url: string
  /** How the connection is encrypted; undefined: not at all. */
  tls: DatabaseTls | undefined
  mode: Mode
  commits: Commits
  /** Prepare statements on the server, by name; the same in every mode. */
  prepare: boolean
  /** Connections of the pool (`pooled`). */
  poolMax: number
  /** Requests that use the database at once (`per-request`, `persistent`). */
  workers: number
  /** After this a worker connects again (`persistent`). */
  connectionMaxAgeMs: number
  /** Requests that may wait for a connection, and for how long. */
  queueMax: number
  acquireTimeoutMs: number
  connectTimeoutMs: number
  statementTimeoutMs: number
  /** How long a transaction may stand idle before the server ends it. */
  transactionTimeoutMs: number
}>

/** Reads the environment, once. It is right as a whole, or all of its faults are reported. */
export function readConfig(
  variables: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Config | Readonly<{ faults: readonly string[] }> {
  const env = readEnvironment(variables)
  const config = {
    host: env.text('HOST') ?? '0.0.0.0',
    port: env.integer('PORT', 3000, { min: 0, max: 65_535 }),
    arm: armName(env),
    drainTimeoutMs: env.durationMs('DRAIN_TIMEOUT', '10s', { min: '0s', max: '5m' }),
    database: databaseConfig(env, readFile),
    tokenSecret: tokenSecret(env, readFile),
  }
  env.refuseOthers('DB_', URL_PARTS)
  if (env.faults.length > 0) return { faults: env.faults }
  const { arm, ...rest } = config
  const instance = randomBytes(8).toString('hex')
  const identity = { arm, instance, prepare: rest.database.prepare }
  return { ...rest, identity, settings: settingsOf(rest.database, variables) }
}

/** It travels as a header's value, so it is a name such as Compose takes for a service. */
function armName(env: Environment): string | undefined {
  const name = env.text('ARM_NAME')
  if (name === undefined || /^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) return name
  env.fault(`ARM_NAME=${name}: give lower-case letters, digits and hyphens, such as pooled`)
  return undefined
}

function databaseConfig(env: Environment, readFile: (path: string) => string): DatabaseConfig {
  const timeout = { min: '1ms', max: '10m' }
  return {
    url: databaseUrl(env, readFile),
    tls: databaseTls(env, readFile),
    mode: env.choice('DB_MODE', 'pooled', MODES),
    commits: env.choice('DB_COMMITS', 'one', COMMITS),
    prepare: env.choice('DB_PREPARE', 'off', ['on', 'off']) === 'on',
    poolMax: env.integer('DB_POOL_MAX', 10, { min: 1, max: 1_000 }),
    workers: env.integer('DB_WORKERS', 10, { min: 1, max: 1_000 }),
    connectionMaxAgeMs: env.durationMs('DB_CONN_MAX_AGE', '60s', { min: '1ms', max: '1440m' }),
    queueMax: env.integer('DB_QUEUE_MAX', 4_000, { min: 0, max: 100_000 }),
    acquireTimeoutMs: env.durationMs('DB_ACQUIRE_TIMEOUT', '5s', timeout),
    connectTimeoutMs: env.durationMs('DB_CONNECT_TIMEOUT', '3s', timeout),
    statementTimeoutMs: env.durationMs('DB_STATEMENT_TIMEOUT', '5s', timeout),
    transactionTimeoutMs: env.durationMs('DB_TRANSACTION_TIMEOUT', '5s', timeout),
  }
}

/** RFC 7518, section 3.2: as long as the hash at least. */
const SECRET_BYTES_LEAST = 32

function tokenSecret(env: Environment, readFile: (path: string) => string): string {
  const given = env.text('TOKEN_SECRET')
  const secret = fileText(env, 'TOKEN_SECRET_FILE', readFile) ?? given
  if (secret !== undefined && Buffer.byteLength(secret) >= SECRET_BYTES_LEAST) return secret
  env.fault(
    `TOKEN_SECRET: give ${SECRET_BYTES_LEAST} bytes or more, or TOKEN_SECRET_FILE that has them`,
  )
  return ''
}
