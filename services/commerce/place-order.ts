import type { Kysely } from 'kysely'
import type { Schema } from './database/schema.ts'
import { replay } from './idempotency.ts'
import type { Input } from './input.ts'
import type { OrderRequest } from './order-request.ts'
import { insertOrder, type OrderRow, reserve } from './order-store.ts'
import { productById } from './product-store.ts'

/** The order placed, or placed earlier under the same key; or why there is none. */
export async function placeOrder(
  db: Kysely<Schema>,
  request: OrderRequest,
): Promise<Input<OrderRow>> {
  if (request.idempotencyKey === undefined) return placeOnce(db, request)
  return replay(db, request, request.idempotencyKey, () => placeOnce(db, request))
}

async function placeOnce(db: Kysely<Schema>, request: OrderRequest): Promise<Input<OrderRow>> {
  const row = await reserveAndInsert(db, request)
  if (row) return { value: row }
  const { productId, quantity } = request
  const [product] = await productById(db, { id: productId })
  if (!product) return { problem: { code: 'unknown-product', detail: `No product ${productId}.` } }
  if (product.stock - product.sold < quantity) {
    return { problem: { code: 'sold-out', detail: `Fewer than ${quantity} left.` } }
  }
  return placeOnce(db, request) // It was put on sale between the two looks.
}

/**
 * One transaction: the update counts the pieces as sold only while stock lasts, so no two orders get
 * the same piece, and locks the product's row until the commit; the insert follows at once.
 */
function reserveAndInsert(
  db: Kysely<Schema>,
  { productId, quantity, idempotencyKey }: OrderRequest,
): Promise<OrderRow | undefined> {
  return db.transaction().execute(async (transaction) => {
    const [price] = await reserve(transaction, { productId, quantity })
    if (!price) return undefined
    const [order] = await insertOrder(transaction, {
      product_id: productId,
      quantity,
      unit_price_minor: price.price_minor,
      currency: price.currency,
      idempotency_key: idempotencyKey ?? null,
    })
    return order
  })
}
