import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { lockedDatabase } from '../../runner/testbed/database-lock.ts'
import { withConnection } from '../../runner/testbed/database.ts'
import { type StartedPostgres, startPostgres } from '../../runner/testbed/embedded/postgres.ts'
import { type Followed, startRun } from './runs.ts'
import { shopDatabase } from '../fixtures/shop.ts'

let folder: string
let postgres: StartedPostgres
/** Never ready: a run of it holds the database, and puts no load on anything. */
let service: Server

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'database-lock-'))
  postgres = await startPostgres()
  service = createServer((_, response) => response.writeHead(503).end()).listen(0, '127.0.0.1')
  await once(service, 'listening')
})
after(async () => {
  service.closeAllConnections()
  service.close()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

let runs = 0
function remoteRun(database: string): Followed {
  const { port } = service.address() as AddressInfo
  const url = postgres.url.replace(/postgres$/, database)
  runs += 1
  const where = ['--target', `mine=http://127.0.0.1:${port}`, '--database-url', url]
  return startRun(folder, ['--profile', 'smoke', ...where, '--out', join(folder, String(runs))])
}

test('of two runs on one database the second is refused with who holds it, and drops nothing', async () => {
  const first = remoteRun('commerce')
  await first.until(/1 of 1 trials, about /)
  const oid = (): Promise<string> =>
    withConnection(postgres.url, async (client) => {
      const sql = "SELECT oid FROM pg_database WHERE datname = 'commerce'"
      for (;;) {
        const { rows } = await client.query<{ oid: string }>(sql)
        if (rows[0] !== undefined) return rows[0].oid
      }
    })
  const made = await oid()
  const second = remoteRun('commerce')
  assert.equal(await second.ended(), 1, second.said())
  assert.match(
    second.said(),
    new RegExp(
      `The database commerce is in use by samehost, process ${first.child.pid} on ${hostname()} ` +
        String.raw`\(from 127\.0\.0\.1, process \d+ of the server\), since 20\S+Z\. .*wait until`,
    ),
  )
  assert.doesNotMatch(second.said(), /did not end/)
  assert.equal(await oid(), made)

  // Another database of the same server is another matter.
  const other = remoteRun('elsewhere')
  await other.until(/1 of 1 trials, about /)
  // A runner that is killed holds nothing any more.
  first.child.kill('SIGKILL')
  await first.ended()
  const next = remoteRun('commerce')
  await next.until(/1 of 1 trials, about /)
  for (const run of [other, next]) {
    run.child.kill('SIGTERM')
    assert.equal(await run.ended(), 130, run.said())
  }
})

test('a lock whose connection was lost is taken again, or nothing is dropped', async () => {
  const database = shopDatabase(postgres.url, 'a password')
  const terminate = (): Promise<unknown> =>
    withConnection(postgres.url, (client) =>
      client.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'samehost, %'",
      ),
    )
  const first = await lockedDatabase(database)
  await first.recreate()
  await terminate()
  await first.recreate()
  await assert.rejects(lockedDatabase(database), /is in use by samehost, process \d+ on/)
  await terminate()
  const second = await lockedDatabase(database)
  await assert.rejects(first.recreate(), /is in use by samehost, process \d+ on/)
  await first.release()
  await second.recreate()
  await second.release()
})

test('a lock whose connection is dead without a word is asked after, and nothing is dropped', async (t) => {
  // A way that forwards, until it drops what its connections send, and their ends: as a firewall does that forgot them.
  const { hostname: host, port } = new URL(postgres.url)
  const ways: [Socket, Socket][] = []
  const way = createTcpServer((near) => {
    const far = connect(Number(port), host)
    for (const socket of [near, far]) socket.on('error', () => {})
    near.on('data', (bytes) => far.write(bytes))
    far.on('data', (bytes) => near.write(bytes))
    near.on('close', () => far.destroy())
    ways.push([near, far])
  }).listen(0, '127.0.0.1')
  await once(way, 'listening')
  t.after(() => {
    for (const socket of ways.flat()) socket.destroy()
    way.close()
  })
  const url = new URL(postgres.url)
  url.hostname = '127.0.0.1'
  url.port = String((way.address() as AddressInfo).port)
  const first = await lockedDatabase(shopDatabase(url.href, 'a password'))
  for (const [near, far] of ways) {
    near.removeAllListeners('data').on('data', () => {})
    far.removeAllListeners('data').destroy()
  }
  const second = await lockedDatabase(shopDatabase(postgres.url, 'a password'))
  await second.recreate()
  const oid = (): Promise<unknown> =>
    withConnection(postgres.url, async (client) => {
      const { rows } = await client.query("SELECT oid FROM pg_database WHERE datname = 'commerce'")
      return rows
    })
  const made = await oid()
  await assert.rejects(first.recreate(), /is in use by samehost, process \d+ on/)
  assert.deepEqual(await oid(), made)
  await first.release()
  await second.release()
})
