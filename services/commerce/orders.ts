import { Hono } from 'hono'
import type { Database } from './database/database.ts'
import { pathId } from './input.ts'
import { type Money, money } from './money.ts'
import { orderRequest } from './order-request.ts'
import { orderById, type OrderRow } from './order-store.ts'
import { placeOrder } from './place-order.ts'
import { respond } from './problems.ts'

/** `POST /orders` and `GET /orders/:id`. */
export function orders(database: Database): Hono {
  return new Hono()
    .post('/orders', async (c) => {
      const request = await orderRequest(c.req)
      if ('problem' in request) return respond(request.problem)
      const placed = await database.use((db) => placeOrder(db, request.value))
      if ('problem' in placed) return respond(placed.problem)
      return created(orderOf(placed.value))
    })
    .get('/orders/:id', async (c) => {
      const id = pathId(c.req.param('id'))
      if ('problem' in id) return respond(id.problem)
      const [row] = await database.use((db) => orderById(db, { id: id.value }))
      if (!row) return respond({ code: 'unknown-order', detail: `No order ${id.value}.` })
      return c.json(orderOf(row))
    })
}

type Order = Readonly<{
  id: number
  productId: number
  quantity: number
  unitPrice: Money
  total: Money
  createdAt: Date
}>

function orderOf(row: OrderRow): Order {
  const { id, product_id, quantity, unit_price_minor, currency, created_at } = row
  return {
    id,
    productId: product_id,
    quantity,
    unitPrice: money(unit_price_minor, currency),
    total: money(unit_price_minor * quantity, currency),
    createdAt: created_at,
  }
}

/** Built by hand because Hono's `c.json` with a second header goes through a `Headers` object. */
function created(order: Order): Response {
  return new Response(JSON.stringify(order), {
    status: 201,
    headers: { 'content-type': 'application/json', location: `/orders/${order.id}` },
  })
}
