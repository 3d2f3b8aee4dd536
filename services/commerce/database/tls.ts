import { type Environment, fileText } from '../environment.ts'

const NEGOTIATIONS = ['postgres', 'direct'] as const

export type DatabaseTls = Readonly<{
  /** Certificate (PEM) that the server's must be signed by; the server's must name its host. */
  ca: string
  /** `postgres` asks the server first, a round trip; `direct` does not, and needs PostgreSQL 17. */
  negotiation: (typeof NEGOTIATIONS)[number]
}>

/** TLS to the database, verified, where `DB_TLS_CA` names a file; without it the connection is plain. */
export function databaseTls(
  env: Environment,
  readFile: (path: string) => string,
): DatabaseTls | undefined {
  const negotiation = env.choice('DB_TLS_NEGOTIATION', 'postgres', NEGOTIATIONS)
  if (env.text('DB_TLS_CA') === undefined) {
    if (negotiation === 'direct') env.fault('DB_TLS_NEGOTIATION=direct: give DB_TLS_CA too')
    return undefined
  }
  const ca = fileText(env, 'DB_TLS_CA', readFile)
  return ca === undefined ? undefined : { ca, negotiation }
}
