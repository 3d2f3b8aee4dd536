import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { MODES } from '../../services/commerce/config.ts'
import { order, tally } from './testing/client.ts'
import { type ServiceDatabase, startDatabase } from './testing/database.ts'
import { startService } from './testing/service.ts'

let database: ServiceDatabase
before(async () => {
  database = await startDatabase()
})
after(() => database.stop())

async function product(stock: number): Promise<number> {
  const [row] = await database.query<{ id: string }>(
    `INSERT INTO products (name, description, price_minor, currency, stock)
     VALUES ('Last seats', '', 1000, 'EUR', $1) RETURNING id`,
    [stock],
  )
  return Number(row?.id)
}

async function soldAndOrdered(id: number): Promise<unknown> {
  const [row] = await database.query<{ sold: number; ordered: string; orders: string }>(
    `SELECT sold, sum(quantity) AS ordered, count(*) AS orders
       FROM products JOIN orders ON product_id = products.id WHERE products.id = $1 GROUP BY sold`,
    [id],
  )
  return row && { sold: row.sold, ordered: Number(row.ordered), orders: Number(row.orders) }
}

for (const DB_MODE of MODES) {
  describe(DB_MODE, () => {
    test('200 orders at once for 50 pieces: exactly 50 are placed, 150 are sold out', async () => {
      await using service = await startService({ DB_MODE, DATABASE_URL: database.url })
      const productId = await product(50)
      const orders = Array.from({ length: 200 }, () =>
        order(service.url, { productId, quantity: 1 }),
      )
      assert.deepEqual(tally(await Promise.all(orders)), { 201: 50, 409: 150 })
      assert.deepEqual(await soldAndOrdered(productId), { sold: 50, ordered: 50, orders: 50 })
    })

    test('an order for more than is left takes nothing of what is left', async () => {
      await using service = await startService({ DB_MODE, DATABASE_URL: database.url })
      const productId = await product(5)
      assert.equal((await order(service.url, { productId, quantity: 3 })).status, 201)
      assert.equal((await order(service.url, { productId, quantity: 3 })).status, 409)
      assert.equal((await order(service.url, { productId, quantity: 2 })).status, 201)
      assert.deepEqual(await soldAndOrdered(productId), { sold: 5, ordered: 5, orders: 2 })
    })

    test('orders that come together under one key are one order', async () => {
      await using service = await startService({ DB_MODE, DATABASE_URL: database.url })
      const productId = await product(3)
      const key = { 'idempotency-key': `twins-${DB_MODE}` }
      const orders = Array.from({ length: 20 }, () =>
        order(service.url, { productId, quantity: 2 }, key),
      )
      const answers = await Promise.all(orders)
      assert.deepEqual(tally(answers), { 201: 20 })
      assert.equal(new Set(answers.map(({ body }) => body['id'])).size, 1)
      assert.deepEqual(await soldAndOrdered(productId), { sold: 2, ordered: 2, orders: 1 })
    })

    test('two different orders that come together under one key: one is placed', async () => {
      await using service = await startService({ DB_MODE, DATABASE_URL: database.url })
      const products = [await product(100), await product(100)]
      const key = { 'idempotency-key': `rivals-${DB_MODE}` }
      const orders = products.flatMap((productId) =>
        Array.from({ length: 5 }, () => order(service.url, { productId, quantity: 1 }, key)),
      )
      assert.deepEqual(tally(await Promise.all(orders)), { 201: 5, 422: 5 })
      const [row] = await database.query(
        'SELECT sum(sold)::int AS sold FROM products WHERE id = ANY ($1)',
        [products],
      )
      assert.deepEqual(row, { sold: 1 })
    })
  })
}
