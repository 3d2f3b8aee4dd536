import { type Database, type Statement, statement } from './database.ts'
import {
  isTaken,
  notOnSale,
  numberTaken,
  Refusal,
  soldOut,
  UNKNOWN_ORDER,
  UNKNOWN_USER,
  unknownItem,
  unknownProduct,
} from './problems.ts'

// What the reference service has its query builder write: the same work for the database.
const shown: Statement<[number, string, string, number | null]> = statement(
  'products',
  `SELECT id, name, currency,
          (SELECT min(price_minor) FROM product_items
            WHERE product_id = products.id AND active
              AND sale_from <= now() AND sale_until > now() AND sold < stock)
     FROM products WHERE shown ORDER BY id`,
)
const productById: Statement<[number, string, string, string]> = statement(
  'product',
  'SELECT id, name, description, currency FROM products WHERE id = $1 AND shown',
)
const itemsOf: Statement<ItemRow> = statement(
  'items',
  `SELECT id, name, cost_minor, price_minor, stock, sold, sale_from <= now() AND now() < sale_until
     FROM product_items WHERE product_id = $1 AND active ORDER BY id`,
)
type ItemRow = [number, string, number, number, number, number, boolean]

const orderWithNumber: Statement<[number]> = statement(
  'number',
  'SELECT id FROM orders WHERE number = $1',
)
const userById: Statement<[number]> = statement('user', 'SELECT id FROM users WHERE id = $1')
const userByEmail: Statement<[number, string]> = statement(
  'email',
  'SELECT id, password_hash FROM users WHERE email = $1',
)
const insertOrder: Statement<[number, Date]> = statement(
  'insert order',
  `INSERT INTO orders (number, user_id, product_id, status) VALUES ($1, $2, $3, 'pending')
   RETURNING id, created_at`,
)
const lockProduct: Statement<[number]> = statement(
  'lock',
  'SELECT id FROM products WHERE id = $1 FOR NO KEY UPDATE',
)
const sell: Statement<never> = statement(
  'sell',
  'UPDATE product_items SET sold = sold + $1 WHERE id = $2',
)
const insertPieces: Statement<[number, number, number]> = statement(
  'insert pieces',
  `INSERT INTO order_items (order_id, product_item_id, price_minor)
   SELECT $1::bigint, item, price FROM unnest($2::bigint[], $3::integer[]) AS pieces(item, price)
   RETURNING id, product_item_id, price_minor`,
)
const complete: Statement<never> = statement(
  'complete',
  "UPDATE orders SET status = 'completed', updated_at = now() WHERE id = $1",
)
const orderOfUser: Statement<[number, string, number, string, Date]> = statement(
  'order',
  `SELECT orders.id, orders.status, orders.product_id, products.currency, orders.created_at
     FROM orders JOIN products ON products.id = orders.product_id
                 JOIN users ON users.id = orders.user_id
    WHERE orders.number = $1 AND users.id = $2`,
)
const piecesOf: Statement<[number, number, number, string]> = statement(
  'pieces',
  `SELECT order_items.id, order_items.product_item_id, order_items.price_minor, product_items.name
     FROM order_items JOIN product_items ON product_items.id = order_items.product_item_id
    WHERE order_items.order_id = $1 ORDER BY order_items.id`,
)

const one: Statement<[number]> = statement('one', 'SELECT 1')

export const isReady = (database: Database) => database.read(one())

export async function listProducts(database: Database) {
  const rows = await database.read(shown())
  const products = rows.map(([id, name, currency, lowest]) => {
    const lowestPrice = lowest === null ? null : { amountMinor: lowest, currency }
    return { id, name, lowestPrice, onSale: lowest !== null }
  })
  return { products }
}

export async function viewProduct(database: Database, wanted: number) {
  const [row] = await database.read(productById(wanted))
  if (!row) throw new Refusal(unknownProduct(wanted))
  const [id, name, description, currency] = row
  const rows = await database.read(itemsOf(id))
  return { id, name, description, items: rows.map((item) => itemOf(item, currency)) }
}

function itemOf([id, name, cost, price, stock, sold, open]: ItemRow, currency: string) {
  return {
    id,
    name,
    cost: { amountMinor: cost, currency },
    price: { amountMinor: price, currency },
    discountPercent: Math.round((100 * (cost - price)) / cost),
    onSale: open && sold < stock,
    stock,
    sold,
  }
}

export async function userWith(database: Database, email: string) {
  const [row] = await database.read(userByEmail(email))
  return row && { id: row[0], passwordHash: row[1] }
}

export type OrderRequest = Readonly<{
  number: string
  productId: number
  items: readonly Readonly<{ id: number; quantity: number }>[]
}>

/** One transaction, with the statements of the contract in their order. */
export async function placeOrder(database: Database, userId: number, request: OrderRequest) {
  const { number, productId, items } = request
  const work = database.transaction(async (run) => {
    if ((await run(orderWithNumber(number))).length > 0) throw new Refusal(numberTaken(number))
    const [product] = await run(productById(productId))
    if (!product) throw new Refusal(unknownProduct(productId))
    if ((await run(userById(userId))).length === 0) throw new Refusal(UNKNOWN_USER)
    const [order] = await run(insertOrder(number, userId, productId))
    if (!order) throw new Error('An insert gave no row.')
    await run(lockProduct(productId))
    const offered = new Map((await run(itemsOf(productId))).map((row) => [row[0], row]))
    for (const { id, quantity } of items) refuseUnless(offered.get(id), id, quantity)
    for (const { id, quantity } of items) await run(sell(quantity, id))
    const ids = items.flatMap(({ id, quantity }) => Array.from({ length: quantity }, () => id))
    const prices = ids.map((id) => offered.get(id)?.[3])
    const rows = await run(insertPieces(order[0], ids, prices))
    await run(complete(order[0]))
    const pieces = rows.map(([id, item, price]): Piece => [
      id,
      item,
      price,
      offered.get(item)?.[1] ?? '',
    ])
    return orderOf(number, 'completed', productId, product[3], order[1], pieces)
  })
  // Two who come together may both find the number free: the index lets one of them in.
  return work.catch((error: unknown) => {
    throw isTaken(error) ? new Refusal(numberTaken(number)) : error
  })
}

function refuseUnless(item: ItemRow | undefined, id: number, quantity: number): void {
  if (!item) throw new Refusal(unknownItem(id))
  const [, , , , stock, sold, open] = item
  if (!open) throw new Refusal(notOnSale(id))
  if (stock - sold < quantity) throw new Refusal(soldOut(id, quantity))
}

export async function viewOrder(database: Database, userId: number, number: string) {
  const [row] = await database.read(orderOfUser(number, userId))
  if (!row) throw new Refusal(UNKNOWN_ORDER)
  const [id, status, productId, currency, createdAt] = row
  return orderOf(number, status, productId, currency, createdAt, await database.read(piecesOf(id)))
}

type Piece = [number, number, number, string]

function orderOf(
  number: string,
  status: string,
  productId: number,
  currency: string,
  createdAt: Date,
  rows: readonly Piece[],
) {
  const pieces = rows.map(([id, itemId, amountMinor, name]) => {
    return { id, itemId, name, price: { amountMinor, currency } }
  })
  const amountMinor = rows.reduce((sum, [, , price]) => sum + price, 0)
  return { number, status, productId, pieces, total: { amountMinor, currency }, createdAt }
}
