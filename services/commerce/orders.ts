import { type HonoRequest, Hono } from 'hono'
import { jsonBody } from './body.ts'
import type { Database } from './database/database.ts'
import { idempotencyKey } from './idempotency.ts'
import { bodyId, bodyInteger, type Input, pathId } from './input.ts'
import { type Money, money } from './money.ts'
import { findOrder, type OrderRequest, type OrderRow } from './order-store.ts'
import { placeOrder } from './place-order.ts'
import { respond, refuse } from './problems.ts'

const QUANTITY = { min: 1, max: 1_000 }

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
      const row = await database.use((db) => findOrder(db, id.value))
      if (!row) return respond({ code: 'unknown-order', detail: `No order ${id.value}.` })
      return c.json(orderOf(row))
    })
}

async function orderRequest(request: HonoRequest): Promise<Input<OrderRequest>> {
  const key = idempotencyKey(request.header('idempotency-key'))
  if ('problem' in key) return key
  const body = await jsonBody(request)
  if ('problem' in body) return body
  const productId = bodyId(body.value, 'productId')
  const quantity = bodyInteger(body.value, 'quantity')
  if (typeof productId !== 'number' || typeof quantity !== 'number') {
    const errors = [productId, quantity].filter((field) => typeof field !== 'number')
    return { problem: refuse('invalid-field', errors) }
  }
  if (quantity < QUANTITY.min || quantity > QUANTITY.max) {
    const reason = `must be from ${QUANTITY.min} to ${QUANTITY.max}`
    return { problem: refuse('out-of-range', [{ in: 'body', name: 'quantity', reason }]) }
  }
  return { value: { productId, quantity, idempotencyKey: key.value } }
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
