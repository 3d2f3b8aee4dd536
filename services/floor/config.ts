import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }

export type Config = Readonly<{
  arm: string | undefined
  instance: string
  prepare: boolean
  host: string
  port: number
  drainTimeoutMs: number
  url: string
  tokenSecret: string
  poolMax: number
  queueMax: number
  acquireTimeoutMs: number
  connectTimeoutMs: number
  statementTimeoutMs: number
  transactionTimeoutMs: number
  /** What it goes by, as /healthz says it. */
  said: object
}>

/**
 * The environment of the reference service, as far as it concerns a pool.
 *
 * @throws naming the variable that is wrong
 */
export function readConfig(env: Variables): Config {
  const integer = (name: string, absent: number): number => {
    const value = Number(env[name] || absent)
    if (Number.isSafeInteger(value) && value >= 0) return value
    throw new Error(`${name}=${env[name]}: give an integer, such as ${absent}`)
  }
  const durationMs = (name: string, absent: string): number => {
    const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(env[name] || absent) ?? []
    const value = Math.round(Number(amount) * (UNIT_MS[unit] ?? NaN))
    if (value > 0) return value
    throw new Error(`${name}=${env[name]}: give a duration, such as ${absent}`)
  }
  const arm = env['ARM_NAME'] || undefined
  if (arm !== undefined && !/^[a-z0-9][a-z0-9-]{0,62}$/.test(arm)) {
    throw new Error(`ARM_NAME=${arm}: give lower-case letters, digits and hyphens, such as floor`)
  }
  const prepare = env['DB_PREPARE'] || 'off'
  if (!['on', 'off'].includes(prepare)) throw new Error(`DB_PREPARE=${prepare}: give on or off`)
  const mode = env['DB_MODE'] || 'pooled'
  if (mode !== 'pooled')
    throw new Error(`DB_MODE=${mode}: this service has a pool only: give pooled`)
  const unknown = Object.keys(env).find((name) => name.startsWith('DB_') && !NAMES.has(name))
  if (unknown !== undefined) {
    throw new Error(
      `${unknown} is no variable of this service: give one of ${[...NAMES].toSorted().join(', ')}`,
    )
  }
  const config = {
    arm,
    instance: randomBytes(8).toString('hex'),
    prepare: prepare === 'on',
    host: env['HOST'] || '0.0.0.0',
    port: integer('PORT', 3000),
    drainTimeoutMs: durationMs('DRAIN_TIMEOUT', '10s'),
    url: databaseUrl(env, integer('DB_PORT', 5432)),
    tokenSecret: tokenSecret(env),
    poolMax: integer('DB_POOL_MAX', 10),
    queueMax: integer('DB_QUEUE_MAX', 4_000),
    acquireTimeoutMs: durationMs('DB_ACQUIRE_TIMEOUT', '5s'),
    connectTimeoutMs: durationMs('DB_CONNECT_TIMEOUT', '3s'),
    statementTimeoutMs: durationMs('DB_STATEMENT_TIMEOUT', '5s'),
    transactionTimeoutMs: durationMs('DB_TRANSACTION_TIMEOUT', '5s'),
  } as const
  return { ...config, said: { settings: settingsOf(config, env), given: digestOf(env) } }
}

const URL_PARTS = ['DB_HOST', 'DB_PORT', 'DB_USER', 'DB_NAME', 'DB_PASSWORD', 'DB_PASSWORD_FILE']
const TIMES = ['ACQUIRE', 'CONNECT', 'STATEMENT', 'TRANSACTION'].map((of) => `DB_${of}_TIMEOUT`)
const NAMES = new Set([
  'DB_MODE',
  'DB_POOL_MAX',
  'DB_PREPARE',
  'DB_QUEUE_MAX',
  ...TIMES,
  ...URL_PARTS,
])
/** Variables of the runtime below, which are said as they stand. */
const RUNTIME = /^(NODE|UV|MALLOC)_/

type Variables = Readonly<Record<string, string | undefined>>

/** `settings` of /healthz in services/contract.yaml. */
function settingsOf(
  config: Omit<Config, 'said'>,
  env: Variables,
): Readonly<Record<string, unknown>> {
  const { hostname, port } = new URL(config.url)
  return {
    DB_MODE: 'pooled',
    DB_POOL_MAX: config.poolMax,
    DB_PREPARE: config.prepare ? 'on' : 'off',
    DB_HOST: hostname,
    DB_PORT: Number(port || 5432),
    DB_QUEUE_MAX: config.queueMax,
    DB_ACQUIRE_TIMEOUT: `${config.acquireTimeoutMs}ms`,
    DB_CONNECT_TIMEOUT: `${config.connectTimeoutMs}ms`,
    DB_STATEMENT_TIMEOUT: `${config.statementTimeoutMs}ms`,
    DB_TRANSACTION_TIMEOUT: `${config.transactionTimeoutMs}ms`,
    ...Object.fromEntries(Object.entries(env).filter(([name]) => RUNTIME.test(name))),
  }
}

/** `given` of /healthz. */
function digestOf(env: Variables): string {
  const lines = Object.entries(env).flatMap(([name, text]) =>
    text && name !== 'DB_PASSWORD' && (name.startsWith('DB_') || RUNTIME.test(name))
      ? [`${name}=${text}\n`]
      : [],
  )
  return createHash('sha256').update(lines.toSorted().join('')).digest('hex')
}

/** What the variable says, or the file that the variable with `_FILE` names. */
function textOf(env: Variables, name: string): string | undefined {
  const file = env[`${name}_FILE`]
  return file ? readFileSync(file, 'utf8').trim() : env[name]
}

/** By which tokens are signed. RFC 7518, section 3.2: as long as the hash at least. */
function tokenSecret(env: Variables): string {
  const secret = textOf(env, 'TOKEN_SECRET') ?? ''
  if (Buffer.byteLength(secret) >= 32) return secret
  throw new Error('TOKEN_SECRET: give 32 bytes or more, or TOKEN_SECRET_FILE that has them')
}

function databaseUrl(env: Variables, port: number): string {
  const { DB_HOST: host, DB_USER: user = 'postgres', DB_NAME: name = user } = env
  const url = URL.parse(env['DATABASE_URL'] || `postgres://${user}@${host}:${port}/${name}`)
  if (!url || !(env['DATABASE_URL'] || host)) {
    throw new Error('give DATABASE_URL, or DB_HOST, DB_USER, DB_NAME and DB_PASSWORD_FILE')
  }
  const password = textOf(env, 'DB_PASSWORD')
  if (password) url.password = encodeURIComponent(password)
  return url.href
}
