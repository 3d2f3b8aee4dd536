import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { checkContract } from '../../runner/contract/check.ts'
import { shopContract } from '../fixtures/shop.ts'
import { order, piecesOf } from './testing/client.ts'
import { eventually, type ServiceDatabase, startDatabase } from './testing/database.ts'
import { startService } from './testing/service.ts'

let database: ServiceDatabase
before(async () => {
  database = await startDatabase()
})
after(() => database.stop())

const start = (DB_COMMITS: string) => startService({ DB_COMMITS, DATABASE_URL: database.url })

const place = async (url: string, number: string, productId: number): Promise<number> =>
  (await order(url, piecesOf(productId, 2), { number })).status

type Stored = Readonly<{ status: string; pieces: number; sold: number }>
const stored = (number: string): Promise<Stored[]> =>
  database.query<Stored>(
    `SELECT status, (SELECT count(*)::int FROM order_items WHERE order_id = orders.id) AS pieces,
            (SELECT sum(sold)::int FROM product_items WHERE product_id = orders.product_id) AS sold
       FROM orders WHERE number = $1`,
    [number],
  )

/** Transactions that have left their mark on what an order consists of. */
async function transactionsOf(number: string): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `SELECT count(DISTINCT xmin)::int AS count FROM (
       SELECT xmin::text FROM orders WHERE number = $1
       UNION ALL SELECT piece.xmin::text FROM order_items AS piece JOIN orders ON order_id = orders.id WHERE number = $1
       UNION ALL SELECT item.xmin::text FROM product_items AS item
         JOIN order_items ON product_item_id = item.id JOIN orders ON order_id = orders.id WHERE number = $1
     ) AS marks`,
    [number],
  )
  return row?.count ?? NaN
}

/** The process ends while the order waits for the product's row. */
async function killedAtTheLock(commits: string, number: string, productId: number): Promise<void> {
  await using service = await start(commits)
  await using lock = await database.lockProduct(productId)
  const answer = place(service.url, number, productId).catch(() => 'cut off')
  await eventually('the order waits for the lock', async () => {
    const waiting = await database.query(
      `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'samehost %'`,
    )
    return waiting.length === 1
  })
  const exited = once(service.process, 'exit')
  service.process.kill('SIGKILL')
  await exited
  await lock.release()
  assert.equal(await answer, 'cut off')
}

describe('DB_COMMITS=one', () => {
  test('an order is one transaction, and says so', async () => {
    await using service = await start('one')
    assert.equal(await place(service.url, 'whole', 1), 201)
    assert.equal(await transactionsOf('whole'), 1)
    const health = await (await fetch(`${service.url}/healthz`)).json()
    assert.equal((health as { settings: { DB_COMMITS: string } }).settings.DB_COMMITS, 'one')
  })

  test('a process that is killed on the way leaves nothing', async () => {
    await killedAtTheLock('one', 'whole-killed', 2)
    assert.deepEqual(await stored('whole-killed'), [])
  })
})

describe('DB_COMMITS=each', () => {
  test('an order is several transactions with the same effect, and the contract holds', async () => {
    await using service = await start('each')
    assert.equal(await place(service.url, 'parts', 3), 201)
    assert.deepEqual(await stored('parts'), [{ status: 'completed', pieces: 2, sold: 2 }])
    // The first, as pending, was overwritten by the last.
    assert.equal(await transactionsOf('parts'), 3)
    assert.deepEqual(await checkContract(service.url, shopContract), [])
  })

  test('a process that is killed on the way leaves a pending order', async () => {
    await killedAtTheLock('each', 'parts-killed', 4)
    assert.deepEqual(await stored('parts-killed'), [{ status: 'pending', pieces: 0, sold: 0 }])
  })
})
