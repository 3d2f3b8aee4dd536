import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Client, DatabaseError } from 'pg'
import { type Mode, MODES } from '../../services/commerce/config.ts'
import { type Answer, call, order, piecesOf } from './testing/client.ts'
import { eventually, type ServiceDatabase, startDatabase } from './testing/database.ts'
import { startProxy } from './testing/proxy.ts'
import { type StartedService, startService } from './testing/service.ts'

let database: ServiceDatabase
before(async () => {
  database = await startDatabase({ max_connections: '30' })
})
after(() => database.stop())

const start = (DB_MODE: Mode, env: Record<string, string> = {}): Promise<StartedService> =>
  startService({ DB_MODE, DATABASE_URL: database.url, ...env })

/** Uses every connection that the service keeps. */
function useAll(service: StartedService): Promise<Answer[]> {
  return Promise.all(
    Array.from({ length: 40 }, (_, at) => order(service.url, piecesOf(1 + (at % 10)))),
  )
}

function assertUnavailable({ status, headers, body }: Answer, code: string): void {
  assert.deepEqual([status, body['code']], [503, code])
  assert.match(headers.get('retry-after') ?? '', /^[1-9]/)
}

const terminateAll = (): Promise<unknown> =>
  database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'samehost %'`,
  )

for (const mode of MODES) {
  describe(mode, () => {
    test('no request fails because an idle connection was terminated', async () => {
      await using service = await start(mode)
      for (let round = 0; round < 5; round += 1) {
        await useAll(service)
        await terminateAll()
        const answers = await useAll(service)
        assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]))
      }
    })

    test('it comes back after every server process died, without a restart of its own', async () => {
      await using service = await start(mode)
      await useAll(service)
      const writer = async (): Promise<number | undefined> => {
        const sql = `SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'`
        const [row] = await database.query<{ pid: number }>(sql)
        return row?.pid
      }
      const victim = (await writer()) ?? 0
      process.kill(victim, 'SIGKILL')
      // Until the server has seen it, and ended the others, an order may still be placed.
      await eventually('the server has begun again', async () => {
        const pid = await writer().catch(() => undefined)
        return pid !== undefined && pid !== victim
      })
      await eventually('orders are placed again', async () => {
        const { status } = await order(service.url, piecesOf(1))
        assert.ok([201, 503].includes(status), `status ${status}`)
        return status === 201
      })
      const answers = await useAll(service)
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]))
    })

    test('while its database is recreated it answers 503, and then goes on in the new one', async () => {
      await using service = await start(mode)
      await useAll(service)
      let recreated = false
      const statuses = new Set<number>()
      const load = async (): Promise<void> => {
        for (;;) {
          const last = recreated
          statuses.add((await order(service.url, piecesOf(1))).status)
          statuses.add((await call(`${service.url}/products`)).status)
          if (last) return
        }
      }
      const loading = Promise.all(Array.from({ length: 5 }, load))
      await database.recreate()
      recreated = true
      await loading
      statuses.delete(404) // the tables stand, the products are not in yet
      assert.deepEqual(
        [...statuses].toSorted((a, b) => a - b),
        [200, 201, 503],
      )
      assert.equal((await call(`${service.url}/products/1`)).status, 200)
    })

    test('a statement that takes too long is 504, and its connection serves on', async () => {
      await using service = await start(mode, { DB_STATEMENT_TIMEOUT: '200ms' })
      await useAll(service)
      await using locked = await database.lockProduct(9)
      const { status, body } = await order(service.url, piecesOf(9))
      assert.deepEqual([status, body['code']], [504, 'database-timeout'])
      assert.equal((await call(`${service.url}/products/9`)).status, 200)
      await locked.release()
      assert.equal((await order(service.url, piecesOf(9))).status, 201)
    })

    test('a server out of reach is given up in time, and used again once it is back', async () => {
      await using wire = await startProxy(database.url)
      await using service = await start(mode, {
        DATABASE_URL: wire.url,
        DB_STATEMENT_TIMEOUT: '100ms',
        DB_CONNECT_TIMEOUT: '300ms',
        DB_ACQUIRE_TIMEOUT: '500ms',
      })
      await useAll(service)
      wire.freeze()
      const startedMs = performance.now()
      const answers = await useAll(service)
      const tookMs = performance.now() - startedMs
      wire.thaw()
      assert.ok(answers.every(({ status }) => status === 503 || status === 504))
      assert.ok(tookMs < 5_000, `${tookMs} ms`)
      await eventually('it answers again', async () => {
        return (await call(`${service.url}/products/1`)).status === 200
      })
    })

    test('too many waiting requests are 503 at once, and a wait that is too long 503 in time', async () => {
      await using service = await start(mode, {
        DB_POOL_MAX: '1',
        DB_WORKERS: '1',
        DB_QUEUE_MAX: '2',
        DB_ACQUIRE_TIMEOUT: '300ms',
      })
      await using locked = await database.lockProduct(9)
      let refused = 0
      const orders = Array.from({ length: 6 }, async () => {
        const answer = await order(service.url, piecesOf(9))
        if (answer.status !== 201) refused += 1
        return answer
      })
      // One has the connection, and waits for the row; of the others none waits longer than it may.
      await eventually('five are refused', () => refused === 5)
      await locked.release()
      const answers = await Promise.all(orders)
      const others = answers.filter(({ status }) => status !== 201)
      assert.equal(others.length, 5)
      for (const answer of others) assertUnavailable(answer, 'database-busy')
    })

    test('without a connection left at the server it answers 503', async () => {
      await using service = await start(mode)
      await using _ = await exhaust()
      assertUnavailable(await call(`${service.url}/products/1`), 'database-unreachable')
      assertUnavailable(await call(`${service.url}/readyz`), 'database-unreachable')
      assert.equal((await call(`${service.url}/healthz`)).status, 200)
    })

    test('without a database it starts, and answers 503', async () => {
      await using service = await start(mode, { DATABASE_URL: 'postgres://a:b@127.0.0.1:1/none' })
      assertUnavailable(await call(`${service.url}/products`), 'database-unreachable')
      assertUnavailable(await order(service.url, piecesOf(1)), 'database-unreachable')
      assert.ok(service.log.every((line) => !line.includes('"error"')))
    })
  })
}

/** Takes every connection that the server has for ordinary users. */
async function exhaust(): Promise<AsyncDisposable> {
  const clients: Client[] = []
  // A connection of before may leave late, and with it a place: until all there are are these.
  const ordinary = `SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename <> 'postgres'`
  do {
    try {
      for (;;) {
        const client = new Client({ connectionString: database.url })
        await client.connect()
        clients.push(client)
      }
    } catch (error) {
      assert.ok(error instanceof DatabaseError && error.code === '53300')
    }
  } while ((await database.query(ordinary)).length > clients.length)
  return {
    [Symbol.asyncDispose]: async () => void (await Promise.all(clients.map((each) => each.end()))),
  }
}
