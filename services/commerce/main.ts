import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createApp } from './app.ts'
import { type Config, readConfig } from './config.ts'
import { openDatabase } from './database/database.ts'
import { log } from './log.ts'
import { createHttpServer, drain } from './server.ts'
import { openTokens } from './tokens.ts'
import { installedVersions } from './versions.ts'

const FAILED = 1
const USAGE_ERROR = 2

/** A database that hangs must not keep a stopping service alive. */
const DATABASE_CLOSE_TIMEOUT_MS = 1_000

/**
 * Connections that wait to be accepted: as many as with gunicorn and uvicorn, so that arms differ in nothing
 * that is not said. With Node's 511 a crowd that comes at once is kept waiting for a second or more, since
 * the kernel drops what it has no room for (listen(2)).
 */
const BACKLOG = 2_048

const config = readConfig(process.env, (path) => readFileSync(path, 'utf8'))
if ('faults' in config) {
  for (const fault of config.faults) process.stderr.write(`${fault}\n`)
  process.exit(USAGE_ERROR)
}
process.exit(await serve(config))

/** Serves until it is asked to stop; then answers what is in flight and closes the database. */
async function serve({
  host,
  port,
  identity,
  settings: said,
  tokenSecret,
  drainTimeoutMs,
  database: settings,
}: Config): Promise<number> {
  const versions = installedVersions()
  const database = openDatabase(settings)
  const stop = new AbortController()
  const app = createApp(
    database,
    await openTokens(tokenSecret),
    settings.mode,
    versions,
    identity,
    said,
    settings.commits,
  )
  const server = createHttpServer(app, stop.signal)
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])

  server.listen({ port, host, backlog: BACKLOG })
  try {
    await once(server, 'listening')
  } catch (error) {
    log('error', 'cannot listen: give another HOST or PORT', { error: String(error) })
    return FAILED
  }
  const { url: _, tls, ...shown } = settings
  const facts = { ...identity, tls: tls?.negotiation, ...shown, versions }
  log('info', 'listening', { address: server.address(), ...facts })

  await stopped
  stop.abort()
  const inTime = await drain(server, drainTimeoutMs)
  await Promise.race([database.close(), delay(DATABASE_CLOSE_TIMEOUT_MS)])
  log('info', 'stopped', { inTime })
  return inTime ? 0 : FAILED
}
