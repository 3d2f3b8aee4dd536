import { Hono } from 'hono'
import type { Commits } from './config.ts'
import type { Database } from './database/database.ts'
import { type Money, money } from './money.ts'
import { NUMBER, orderRequest } from './order-request.ts'
import { orderOfUser, type PieceRow, piecesOfOrder } from './order-store.ts'
import { placeOrder } from './place-order.ts'
import { respond } from './problems.ts'
import type { Tokens } from './tokens.ts'

/** `POST /orders` and `GET /orders/:number`, of who is signed in. */
export function orders(database: Database, tokens: Tokens, commits: Commits): Hono {
  return new Hono()
    .post('/orders', async (c) => {
      const user = await tokens.userOf(c.req.header('authorization'))
      if ('problem' in user) return respond(user.problem)
      const request = await orderRequest(c.req)
      if ('problem' in request) return respond(request.problem)
      const placed = await database.use((db) => placeOrder(db, user.value, request.value, commits))
      if ('problem' in placed) return respond(placed.problem)
      return created(orderOf({ ...placed.value, status: 'completed' }))
    })
    .get('/orders/:number', async (c) => {
      const user = await tokens.userOf(c.req.header('authorization'))
      if ('problem' in user) return respond(user.problem)
      const number = c.req.param('number')
      const order = NUMBER.test(number) ? await viewOrder(database, number, user.value) : undefined
      if (!order) return respond({ code: 'unknown-order', detail: 'You have no such order.' })
      return c.json(order)
    })
}

function viewOrder(database: Database, number: string, userId: number): Promise<Order | undefined> {
  return database.use(async (db) => {
    const [row] = await orderOfUser(db, { number, userId })
    if (!row) return undefined
    const pieces = await piecesOfOrder(db, { orderId: row.id })
    const { status, product_id: productId, currency, created_at: createdAt } = row
    return orderOf({ number, status, productId, currency, createdAt, pieces })
  })
}

type Order = Readonly<{
  number: string
  status: string
  productId: number
  pieces: readonly Readonly<{ id: number; itemId: number; name: string; price: Money }>[]
  total: Money
  createdAt: Date
}>

type Facts = Readonly<{
  number: string
  status: string
  productId: number
  currency: string
  createdAt: Date
  pieces: readonly (PieceRow & { name: string })[]
}>

function orderOf({ number, status, productId, currency, createdAt, pieces }: Facts): Order {
  return {
    number,
    status,
    productId,
    pieces: pieces.map(({ id, product_item_id: itemId, name, price_minor }) => {
      return { id, itemId, name, price: money(price_minor, currency) }
    }),
    total: money(
      pieces.reduce((sum, { price_minor }) => sum + price_minor, 0),
      currency,
    ),
    createdAt,
  }
}

/** Built by hand because Hono's `c.json` with a second header goes through a `Headers` object. */
function created(order: Order): Response {
  return new Response(JSON.stringify(order), {
    status: 201,
    headers: { 'content-type': 'application/json', location: `/orders/${order.number}` },
  })
}
