import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { MODES } from '../../services/commerce/config.ts'
import { type Answer, order, tally, viewOrder } from './testing/client.ts'
import { type ServiceDatabase, startDatabase } from './testing/database.ts'
import { startFloor, startService } from './testing/service.ts'

let database: ServiceDatabase
before(async () => {
  database = await startDatabase()
})
after(() => database.stop())

type Product = Readonly<{ id: number; items: readonly number[] }>

/** A product whose items have these stocks. */
async function product(...stocks: readonly number[]): Promise<Product> {
  const [row] = await database.query<{ id: number; items: number[] }>(
    `WITH product AS (
       INSERT INTO products (name, description, currency) VALUES ('Last seats', '', 'EUR') RETURNING id
     ), items AS (
       INSERT INTO product_items (product_id, name, cost_minor, price_minor, sale_from, sale_until, stock)
       SELECT id, 'Row', 1000, 1000, '2020-01-01Z', '2100-01-01Z', stock
         FROM product, unnest($1::integer[]) AS stock RETURNING id
     )
     SELECT id::integer, (SELECT array_agg(id::integer ORDER BY id) FROM items) AS items FROM product`,
    [stocks],
  )
  assert.ok(row)
  return row
}

/** So many pieces of its first item. */
const pieces = ({ id, items }: Product, quantity: number) => ({
  productId: id,
  items: [{ id: items[0] ?? 0, quantity }],
})

/** What each item has sold and how many pieces of it there are, and how the product's orders stand. */
async function stateOf({ id }: Product): Promise<unknown> {
  const items = await database.query(
    `SELECT sold, (SELECT count(*)::integer FROM order_items WHERE product_item_id = i.id) AS pieces
       FROM product_items AS i WHERE product_id = $1 ORDER BY id`,
    [id],
  )
  const orders = await database.query<{ status: string }>(
    'SELECT status FROM orders WHERE product_id = $1',
    [id],
  )
  const completed = orders.filter(({ status }) => status === 'completed').length
  return { items, completed, others: orders.length - completed }
}

const allAtOnce = (count: number, place: (at: number) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => place(at)))

const SERVICES = [
  ...MODES.map((DB_MODE) => {
    return { name: DB_MODE, start: () => startService({ DB_MODE, DATABASE_URL: database.url }) }
  }),
  { name: 'floor', start: () => startFloor({ DATABASE_URL: database.url }) },
]

for (const { name, start } of SERVICES) {
  describe(name, () => {
    test('200 orders at once for 50 pieces: 50 are placed and completed, 150 are sold out', async () => {
      await using service = await start()
      const scarce = await product(50)
      const one = pieces(scarce, 1)
      const answers = await allAtOnce(200, (at) => order(service.url, one, { user: 1 + at }))
      assert.deepEqual(tally(answers), { 201: 50, '409 sold-out': 150 })
      assert.deepEqual(await stateOf(scarce), {
        items: [{ sold: 50, pieces: 50 }],
        completed: 50,
        others: 0,
      })
      for (const [at, { status, body }] of answers.entries()) {
        if (status !== 201) continue
        assert.equal(body['status'], 'completed')
        const viewed = await viewOrder(service.url, body['number'], 1 + at)
        assert.deepEqual(viewed.body, body)
      }
    })

    test('orders of the same items in another order, at once, do not stand in each other’s way', async () => {
      await using service = await start()
      const both = await product(100, 100)
      const [one = 0, other = 0] = both.items
      const answers = await allAtOnce(120, (at) => {
        const ids = at % 2 === 0 ? [one, other] : [other, one]
        const items = ids.map((id) => ({ id, quantity: 1 }))
        return order(service.url, { productId: both.id, items })
      })
      assert.deepEqual(tally(answers), { 201: 100, '409 sold-out': 20 })
      const sold = { sold: 100, pieces: 100 }
      assert.deepEqual(await stateOf(both), { items: [sold, sold], completed: 100, others: 0 })
    })

    test('an order for more than is left takes nothing, neither of that item nor of another', async () => {
      await using service = await start()
      const scarce = await product(5, 5)
      const [one = 0, other = 0] = scarce.items
      const place = async (...items: readonly { id: number; quantity: number }[]) =>
        (await order(service.url, { productId: scarce.id, items })).status
      assert.equal(await place({ id: one, quantity: 3 }), 201)
      assert.equal(await place({ id: other, quantity: 2 }, { id: one, quantity: 3 }), 409)
      assert.equal(await place({ id: one, quantity: 2 }), 201)
      assert.deepEqual(await stateOf(scarce), {
        items: [
          { sold: 5, pieces: 5 },
          { sold: 0, pieces: 0 },
        ],
        completed: 2,
        others: 0,
      })
    })

    test('orders that come together under one number are one order, whoever sends them', async () => {
      await using service = await start()
      const [mine, others] = [await product(100), await product(100)]
      const number = `together-${name}`
      const answers = await allAtOnce(20, (at) => {
        const two = pieces(at % 2 === 0 ? mine : others, 2)
        return order(service.url, two, { number, user: 1 + (at % 3) })
      })
      assert.deepEqual(tally(answers), { 201: 1, '409 number-taken': 19 })
      const states = [await stateOf(mine), await stateOf(others)].map((state) =>
        JSON.stringify(state),
      )
      const none = { items: [{ sold: 0, pieces: 0 }], completed: 0, others: 0 }
      const once = { items: [{ sold: 2, pieces: 2 }], completed: 1, others: 0 }
      assert.deepEqual(
        states.toSorted(),
        [none, once].map((state) => JSON.stringify(state)).toSorted(),
      )
    })
  })
}
