import { type Database, type Statement, statement } from './database.ts'
import { KEY_REUSED, Refusal, soldOut, unknownOrder, unknownProduct } from './problems.ts'

const PRODUCT = 'id, name, description, price_minor, currency, stock, sold'
type ProductRow = [number, string, string, number, string, number, number]
const ORDER = 'id, product_id, quantity, unit_price_minor, currency, created_at'
type OrderRow = [number, number, number, number, string, Date]

// What the reference service has its query builder write: the same work for the database.
const productPage: Statement<ProductRow> = statement(
  'products',
  `SELECT ${PRODUCT} FROM products ORDER BY id LIMIT $1 OFFSET $2`,
)
const productById: Statement<ProductRow> = statement(
  'product',
  `SELECT ${PRODUCT} FROM products WHERE id = $1`,
)
const orderById: Statement<OrderRow> = statement(
  'order',
  `SELECT ${ORDER} FROM orders WHERE id = $1`,
)
const orderByKey: Statement<OrderRow> = statement(
  'order by key',
  `SELECT ${ORDER} FROM orders WHERE idempotency_key = $1`,
)
const reserve: Statement<[number, string]> = statement(
  'reserve',
  `UPDATE products SET sold = sold + $1 WHERE id = $2 AND stock - sold >= $3
   RETURNING price_minor, currency`,
)
const insertOrder: Statement<OrderRow> = statement(
  'insert order',
  `INSERT INTO orders (product_id, quantity, unit_price_minor, currency, idempotency_key)
   VALUES ($1, $2, $3, $4, $5) RETURNING ${ORDER}`,
)

const one: Statement<[number]> = statement('one', 'SELECT 1')

export const isReady = (database: Database) => database.read(one())

export async function listProducts(
  database: Database,
  { limit, offset }: Readonly<{ limit: number; offset: number }>,
) {
  const rows = await database.read(productPage(limit + 1, offset))
  const nextOffset = rows.length > limit ? offset + limit : null
  return { items: rows.slice(0, limit).map(productOf), limit, offset, nextOffset }
}

export async function viewProduct(database: Database, id: number) {
  const [row] = await database.read(productById(id))
  if (!row) throw new Refusal(unknownProduct(id))
  return productOf(row)
}

export async function viewOrder(database: Database, id: number) {
  const [row] = await database.read(orderById(id))
  if (!row) throw new Refusal(unknownOrder(id))
  return orderOf(row)
}

export type OrderRequest = Readonly<{ productId: number; quantity: number; key: string | null }>

/** The order placed, or placed earlier under the same key. */
export async function placeOrder(database: Database, request: OrderRequest) {
  const { productId, quantity, key } = request
  const row =
    key === null ? await placeOnce(database, request) : await replay(database, request, key)
  if (row[1] !== productId || row[2] !== quantity) throw new Refusal(KEY_REUSED)
  return orderOf(row)
}

/** One transaction reserves while stock lasts, and stores the order. If it did not, why? */
async function placeOnce(database: Database, { productId, quantity, key }: OrderRequest) {
  for (;;) {
    const row = await database.transaction(async (run) => {
      const [price] = await run(reserve(quantity, productId, quantity))
      if (!price) return undefined
      return (await run(insertOrder(productId, quantity, ...price, key)))[0]
    })
    if (row) return row
    const { stock, sold } = await viewProduct(database, productId)
    if (stock - sold < quantity) throw new Refusal(soldOut(quantity))
  }
}

/**
 * When two ask under one key together, the unique index lets one of them commit; the other fails on it,
 * or finds the stock taken by its twin, and looks again.
 */
async function replay(database: Database, request: OrderRequest, key: string): Promise<OrderRow> {
  const [earlier] = await database.read(orderByKey(key))
  if (earlier) return earlier
  try {
    return await placeOnce(database, request)
  } catch (error) {
    const [twin] = await database.read(orderByKey(key))
    if (twin) return twin
    throw error
  }
}

function productOf([id, name, description, amountMinor, currency, stock, sold]: ProductRow) {
  return { id, name, description, price: { amountMinor, currency }, stock, sold }
}

function orderOf([id, productId, quantity, amountMinor, currency, createdAt]: OrderRow) {
  const unitPrice = { amountMinor, currency }
  const total = { amountMinor: amountMinor * quantity, currency }
  return { id, productId, quantity, unitPrice, total, createdAt }
}
