import type { Kysely } from 'kysely'
import type { Schema } from './database/schema.ts'
import { replay } from './idempotency.ts'
import type { Input } from './input.ts'
import {
  insertOrder,
  type OrderRequest,
  type OrderRow,
  productExists,
  reserve,
} from './order-store.ts'

/** The order placed, or placed earlier under the same key; or why there is none. */
export async function placeOrder(
  db: Kysely<Schema>,
  request: OrderRequest,
): Promise<Input<OrderRow>> {
  if (request.idempotencyKey === undefined) return placeOnce(db, request)
  return replay(db, request, request.idempotencyKey, () => placeOnce(db, request))
}

/**
 * One transaction: the update counts the pieces as sold only while stock lasts, so no two orders get
 * the same piece, and locks the product's row until the commit; the insert follows at once.
 */
async function placeOnce(db: Kysely<Schema>, request: OrderRequest): Promise<Input<OrderRow>> {
  const { productId, quantity, idempotencyKey } = request
  const row = await db.transaction().execute(async (transaction) => {
    const price = await reserve(transaction, productId, quantity)
    if (!price) return undefined
    return insertOrder(transaction, {
      product_id: productId,
      quantity,
      unit_price_minor: price.price_minor,
      currency: price.currency,
      idempotency_key: idempotencyKey ?? null,
    })
  })
  if (row) return { value: row }
  if (await productExists(db, productId)) {
    return { problem: { code: 'sold-out', detail: `Fewer than ${quantity} left.` } }
  }
  return { problem: { code: 'unknown-product', detail: `No product ${productId}.` } }
}
