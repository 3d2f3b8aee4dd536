import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { connectionCounter } from '../../runner/telemetry/connections.ts'
import { withConnection } from '../../runner/testbed/database.ts'
import { call, order, piecesOf, viewOrder } from './testing/client.ts'
import { eventually, type ServiceDatabase, startDatabase } from './testing/database.ts'
import { startService } from './testing/service.ts'

let database: ServiceDatabase
before(async () => {
  database = await startDatabase()
})
after(() => database.stop())

/** How many connections the server let in while `work` ran. */
function connectionsDuring(work: () => Promise<unknown>): Promise<number> {
  return withConnection(database.adminUrl, async (admin) => {
    const probe = () => withConnection(database.adminUrl, () => Promise.resolve())
    const counter = await connectionCounter(admin, database.name, probe)
    assert.ok('mark' in counter, JSON.stringify(counter))
    const from = await counter.mark()
    await work()
    return counter.between(from, await counter.mark())
  })
}

/** Each endpoint `times` over, up to `atOnce` at a time: 4 requests that need the database a turn. */
async function journeys(url: string, times: number, atOnce: number): Promise<void> {
  let left = times
  const user = async (): Promise<void> => {
    while (left-- > 0) {
      await call(`${url}/products`)
      await call(`${url}/products/7`)
      const { body } = await order(url, piecesOf(7))
      assert.equal((await viewOrder(url, body['number'])).status, 200)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, user))
}

describe('per-request', () => {
  const DB_MODE = 'per-request'

  test('opens exactly one connection a request, also for a transaction, and keeps none', async () => {
    await using service = await startService({ DB_MODE, DATABASE_URL: database.url })
    assert.equal(await connectionsDuring(() => journeys(service.url, 25, 8)), 100)
    await eventually('no connection is left', async () => (await database.backends()).length === 0)
  })

  test('opens none for a request that needs no database', async () => {
    await using service = await startService({ DB_MODE, DATABASE_URL: database.url })
    const opened = await connectionsDuring(async () => {
      for (const path of ['healthz', 'products/x', 'nowhere', 'orders', 'orders/1']) {
        await call(`${service.url}/${path}`)
      }
      assert.equal((await order(service.url, piecesOf(7, 0))).status, 422)
    })
    assert.equal(opened, 0)
  })

  test('opens one for an order that is refused, whenever that is found', async () => {
    await using service = await startService({ DB_MODE, DATABASE_URL: database.url })
    const opened = await connectionsDuring(async () => {
      const missing = { productId: 5_000, items: [{ id: 1, quantity: 1 }] }
      assert.equal((await order(service.url, missing)).status, 404)
      const soldOut = { productId: 11, items: [{ id: 44, quantity: 1 }] }
      assert.equal((await order(service.url, soldOut)).status, 409)
    })
    assert.equal(opened, 2)
  })

  test('never holds more connections than there are workers', async () => {
    const env = { DB_MODE, DATABASE_URL: database.url, DB_WORKERS: '3' }
    await using service = await startService(env)
    const load = new AbortController()
    const seen: number[] = []
    const watch = async (): Promise<void> => {
      while (!load.signal.aborted) seen.push((await database.backends()).length)
    }
    const watching = watch()
    await journeys(service.url, 30, 20)
    load.abort()
    await watching
    const most = Math.max(...seen)
    assert.ok(most >= 1 && most <= 3, `${most} connections at once`)
  })
})

describe('pooled', () => {
  test('opens as many connections as are needed at once, up to its size, and keeps them', async () => {
    const env = { DB_MODE: 'pooled', DATABASE_URL: database.url, DB_POOL_MAX: '4' }
    await using service = await startService(env)
    const opened = await connectionsDuring(() => journeys(service.url, 50, 20))
    assert.equal(opened, 4)
    assert.equal(await connectionsDuring(() => journeys(service.url, 50, 20)), 0)
    assert.equal((await database.backends()).length, 4)
  })
})

describe('persistent', () => {
  const DB_MODE = 'persistent'

  test('each worker opens a connection once and keeps it', async () => {
    const env = { DB_MODE, DATABASE_URL: database.url, DB_WORKERS: '4' }
    await using service = await startService(env)
    assert.equal(await connectionsDuring(() => journeys(service.url, 25, 1)), 4)
    assert.equal(await connectionsDuring(() => journeys(service.url, 50, 20)), 0)
    assert.equal((await database.backends()).length, 4)
  })

  test('a worker whose connection is too old connects again', async () => {
    const env = { DB_MODE, DATABASE_URL: database.url, DB_WORKERS: '1', DB_CONN_MAX_AGE: '1ms' }
    await using service = await startService(env)
    assert.ok((await connectionsDuring(() => journeys(service.url, 5, 1))) >= 19)
    assert.equal((await database.backends()).length, 1)
  })
})
