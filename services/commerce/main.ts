import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createApp } from './app.ts'
import { type Config, readConfig } from './config.ts'
import { openDatabase } from './database/database.ts'
import { drain } from './drain.ts'
import { log } from './log.ts'
import { createHttpServer } from './server.ts'
import { installedVersions } from './versions.ts'

const USAGE_ERROR = 2

const config = readConfig(process.env, (path) => readFileSync(path, 'utf8'))
if ('faults' in config) {
  for (const fault of config.faults) process.stderr.write(`${fault}\n`)
  process.exitCode = USAGE_ERROR
} else {
  await run(config)
}

/** Serves until SIGTERM or SIGINT, then answers what is in flight and closes the database. */
async function run({
  host,
  port,
  drainTimeoutMs,
  database: databaseConfig,
}: Config): Promise<void> {
  const database = openDatabase(databaseConfig)
  const versions = installedVersions()
  let draining = false
  const app = createApp(database, databaseConfig.mode, versions)
  const server = createHttpServer(app, () => draining)

  server.listen(port, host)
  await once(server, 'listening')
  const { url: _, ...settings } = databaseConfig
  log('info', 'listening', { address: server.address(), ...settings, versions })

  const signal = await Promise.race(
    ['SIGTERM', 'SIGINT'].map(async (name) => {
      await once(process, name)
      return name
    }),
  )
  draining = true
  const inTime = await drain(server, drainTimeoutMs)
  await database.close()
  log('info', 'stopped', { signal, inTime })
  process.exitCode = inTime ? 0 : 1
}
