import type { Kysely } from 'kysely'
import { DatabaseError } from 'pg'
import type { Commits } from './config.ts'
import type { Schema } from './database/schema.ts'
import type { Input } from './input.ts'
import type { OrderedItem, OrderRequest } from './order-request.ts'
import {
  completeOrder,
  deleteOrder,
  insertOrder,
  insertPieces,
  orderWithNumber,
  type PieceRow,
  userById,
} from './order-store.ts'
import { type ItemRow, itemsOfProduct, lockProduct, productById, sell } from './product-store.ts'
import type { Problem } from './problems.ts'

export type Placed = Readonly<{
  number: string
  productId: number
  currency: string
  createdAt: Date
  pieces: readonly (PieceRow & { name: string })[]
}>

/**
 * One transaction, with the article's statements in its order: is the number free, is there such a product and such
 * a user, the order as pending, the product's row locked, what its items have, what they have sold now, a row for each
 * piece, the order as completed. Whatever is refused on the way leaves nothing.
 *
 * @param commits `each`: the article's four. The order as pending, then what was sold under the lock, then the pieces,
 *   then the order as completed are each committed, so that a process which ends on the way leaves a pending order.
 */
export async function placeOrder(
  db: Kysely<Schema>,
  userId: number,
  request: OrderRequest,
  commits: Commits,
): Promise<Input<Placed>> {
  const ordering = (open: Kysely<Schema>) => place(open, userId, request, commits)
  try {
    return { value: await (commits === 'one' ? inTransaction(db, ordering) : ordering(db)) }
  } catch (error) {
    if (error instanceof Refused) return { problem: error.problem }
    // Two who come together may both find the number free: the index lets one of them in.
    if (error instanceof DatabaseError && error.code === UNIQUE_VIOLATION)
      return { problem: taken(request.number) }
    throw error
  }
}

const UNIQUE_VIOLATION = '23505'

const inTransaction = <T>(
  db: Kysely<Schema>,
  work: (open: Kysely<Schema>) => Promise<T>,
): Promise<T> => db.transaction().execute(work)

/** Ends the transaction. */
class Refused extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

async function place(
  db: Kysely<Schema>,
  userId: number,
  { number, productId, items }: OrderRequest,
  commits: Commits,
): Promise<Placed> {
  const [other] = await orderWithNumber(db, { number })
  if (other) throw new Refused(taken(number))
  const [product] = await productById(db, { id: productId })
  if (!product) throw new Refused({ code: 'unknown-product', detail: `No product ${productId}.` })
  const [user] = await userById(db, { id: userId })
  if (!user) throw new Refused({ code: 'unauthorized', detail: 'There is no such user.' })
  const [order] = await insertOrder(db, { number, userId, productId })
  if (!order) throw new Error('An insert gave no row.')
  const selling = (open: Kysely<Schema>) => sellAll(open, productId, items)
  const sold = await (commits === 'one'
    ? selling(db)
    : inTransaction(db, selling).catch(async (error: unknown) => {
        if (error instanceof Refused) await deleteOrder(db, { id: order.id })
        throw error
      }))
  const rows = await insertPieces(db, {
    orderId: order.id,
    itemIds: sold.map(({ id }) => id),
    pricesMinor: sold.map(({ price_minor }) => price_minor),
  })
  await completeOrder(db, { id: order.id })
  const names = new Map(sold.map(({ id, name }) => [id, name]))
  const pieces = rows.map((row) => ({ ...row, name: names.get(row.product_item_id) ?? '' }))
  return { number, productId, currency: product.currency, createdAt: order.created_at, pieces }
}

/** @returns the item of each piece, in the order in which they were asked for */
async function sellAll(
  db: Kysely<Schema>,
  productId: number,
  items: readonly OrderedItem[],
): Promise<ItemRow[]> {
  await lockProduct(db, { id: productId })
  const offered = await itemsOfProduct(db, { productId })
  const bought = items.map((item) => ({ ...item, row: rowOf(item, offered) }))
  for (const { id, quantity } of bought) await sell(db, { itemId: id, pieces: quantity })
  return bought.flatMap(({ quantity, row }) => Array.from({ length: quantity }, () => row))
}

/** @throws Refused where so many pieces of the item cannot be had */
function rowOf({ id, quantity }: OrderedItem, offered: readonly ItemRow[]): ItemRow {
  const row = offered.find((item) => item.id === id)
  if (!row) throw new Refused({ code: 'unknown-item', detail: `The product has no item ${id}.` })
  if (!row.open)
    throw new Refused({ code: 'not-on-sale', detail: `Item ${id} is not on sale now.` })
  if (row.stock - row.sold >= quantity) return row
  throw new Refused({ code: 'sold-out', detail: `Fewer than ${quantity} of item ${id} are left.` })
}

const taken = (number: string): Problem => ({
  code: 'number-taken',
  detail: `There is an order ${number} already.`,
})
