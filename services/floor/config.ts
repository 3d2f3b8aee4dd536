import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }

export type Config = ReturnType<typeof readConfig>

/**
 * The environment of the reference service, as far as it concerns a pool.
 *
 * @throws naming the variable that is wrong
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>) {
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
  return {
    arm,
    instance: randomBytes(8).toString('hex'),
    prepare: prepare === 'on',
    host: env['HOST'] || '0.0.0.0',
    port: integer('PORT', 3000),
    drainTimeoutMs: durationMs('DRAIN_TIMEOUT', '10s'),
    url: databaseUrl(env, integer('DB_PORT', 5432)),
    poolMax: integer('DB_POOL_MAX', 10),
    queueMax: integer('DB_QUEUE_MAX', 4_000),
    acquireTimeoutMs: durationMs('DB_ACQUIRE_TIMEOUT', '5s'),
    connectTimeoutMs: durationMs('DB_CONNECT_TIMEOUT', '3s'),
    statementTimeoutMs: durationMs('DB_STATEMENT_TIMEOUT', '5s'),
    transactionTimeoutMs: durationMs('DB_TRANSACTION_TIMEOUT', '5s'),
  } as const
}

function databaseUrl(env: Readonly<Record<string, string | undefined>>, port: number): string {
  const { DB_HOST: host, DB_USER: user = 'postgres', DB_NAME: name = user } = env
  const url = URL.parse(env['DATABASE_URL'] || `postgres://${user}@${host}:${port}/${name}`)
  if (!url || !(env['DATABASE_URL'] || host)) {
    throw new Error('give DATABASE_URL, or DB_HOST, DB_USER, DB_NAME and DB_PASSWORD_FILE')
  }
  const file = env['DB_PASSWORD_FILE']
  const password = file ? readFileSync(file, 'utf8').trim() : env['DB_PASSWORD']
  if (password) url.password = encodeURIComponent(password)
  return url.href
}
