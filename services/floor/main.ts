import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import { type Config, readConfig } from './config.ts'
import { openDatabase } from './database.ts'
import { routes } from './routes.ts'
import { tokenKey } from './users.ts'
import { createHttpServer } from './server.ts'

/**
 * The least that this contract can cost a Node service: `node:http` and `pg`, the same statements as the
 * reference service's in the same order, and nothing between. A framework's distance from it is its price.
 */
let config: Config
try {
  config = readConfig(process.env)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(2)
}
const database = openDatabase(config)
const stop = new AbortController()
const { arm, instance, prepare, said } = config
const identity = [
  'x-samehost-instance',
  instance,
  'x-samehost-prepare',
  prepare ? 'on' : 'off',
  ...(arm ? ['x-samehost-arm', arm] : []),
]
const server = createHttpServer(
  routes(database, tokenKey(config.tokenSecret), installedVersions(), identity, said),
  stop.signal,
)
server.on('error', (error) => {
  console.error(`cannot listen: give another HOST or PORT (${error.message})`)
  process.exit(1)
})
// As many wait to be accepted as with the other services; Node's own 511 are fewer than a crowd.
server.listen({ port: config.port, host: config.host, backlog: 2_048 }, () => {
  console.error(JSON.stringify({ message: 'listening', address: server.address() }))
})

await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
stop.abort()
let exitCode = 0
server.close()
// A connection that was busy at the stop becomes idle later; `close` looks only once.
const sweep = setInterval(() => server.closeIdleConnections(), 50)
const deadline = setTimeout(() => {
  exitCode = 1
  server.closeAllConnections()
}, config.drainTimeoutMs)
await once(server, 'close')
clearInterval(sweep)
clearTimeout(deadline)
await Promise.race([database.close(), delay(1_000)])
process.exit(exitCode)

function installedVersions(): Record<string, string> {
  const path = findPackageJSON('pg', import.meta.url)
  if (path === undefined) throw new Error('pg is not installed: run npm ci')
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string }
  return { node: process.versions.node, pg: version }
}
