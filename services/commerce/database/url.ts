import { type Environment, fileText } from '../environment.ts'

/** Where the database is, in parts. */
export const URL_PARTS = ['DB_HOST', 'DB_PORT', 'DB_USER', 'DB_PASSWORD', 'DB_NAME'] as const

/**
 * Where the database is: `DATABASE_URL`, or its parts `DB_HOST`, `DB_PORT`, `DB_USER`, `DB_PASSWORD`,
 * `DB_NAME`. `DB_PASSWORD_FILE` names a file with the password, such as a Compose secret, and goes
 * before any other.
 */
export function databaseUrl(env: Environment, readFile: (path: string) => string): string {
  const given = env.text('DATABASE_URL')
  const url = given === undefined ? urlOfParts(env) : parse(env, given)
  const password = fileText(env, 'DB_PASSWORD_FILE', readFile)
  if (!url) return ''
  if (password !== undefined) url.password = encodeURIComponent(password)
  return url.href
}

function parse(env: Environment, given: string): URL | undefined {
  const url = URL.parse(given)
  if (url && /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1) return url
  // The value is not shown: there may be a password in it.
  env.fault('DATABASE_URL: give postgres://USER:PASSWORD@HOST:5432/DATABASE')
  return undefined
}

function urlOfParts(env: Environment): URL | undefined {
  const host = env.text('DB_HOST')
  if (host === undefined) {
    env.fault('DATABASE_URL is not set: give it, or DB_HOST, DB_USER, DB_PASSWORD and DB_NAME')
    return undefined
  }
  const port = env.integer('DB_PORT', 5432, { min: 1, max: 65_535 })
  const user = env.text('DB_USER') ?? 'postgres'
  const url = URL.parse(`postgres://${host.includes(':') ? `[${host}]` : host}:${port}`)
  if (!url || /[/?#@]/.test(host)) {
    env.fault(`DB_HOST=${host}: give a host name or address; for a socket, give DATABASE_URL`)
    return undefined
  }
  url.username = encodeURIComponent(user)
  url.password = encodeURIComponent(env.text('DB_PASSWORD') ?? '')
  url.pathname = `/${encodeURIComponent(env.text('DB_NAME') ?? user)}`
  return url
}
