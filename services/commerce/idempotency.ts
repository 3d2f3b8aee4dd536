import type { Kysely } from 'kysely'
import { DatabaseError } from 'pg'
import type { Schema } from './database/schema.ts'
import type { Input } from './input.ts'
import type { OrderRequest } from './order-request.ts'
import { orderByKey, type OrderRow } from './order-store.ts'

/**
 * Places an order unless one was placed under the same key, which is given instead.
 *
 * When two requests come together, both may find none. Then the unique index lets one of them commit;
 * the other fails on it, or finds the stock taken by its twin, and looks again.
 */
export async function replay(
  db: Kysely<Schema>,
  request: OrderRequest,
  key: string,
  place: () => Promise<Input<OrderRow>>,
): Promise<Input<OrderRow>> {
  const [earlier] = await orderByKey(db, { key })
  if (earlier) return sameRequest(earlier, request)
  const placed = await place().catch(noneIfTaken)
  if (placed && 'value' in placed) return placed
  const [twin] = await orderByKey(db, { key })
  if (twin) return sameRequest(twin, request)
  if (placed) return placed
  throw new Error('The order that took the idempotency key is gone.')
}

const UNIQUE_VIOLATION = '23505'

function noneIfTaken(error: unknown): undefined {
  if (error instanceof DatabaseError && error.code === UNIQUE_VIOLATION) return undefined
  throw error
}

function sameRequest(order: OrderRow, { productId, quantity }: OrderRequest): Input<OrderRow> {
  if (order.product_id === productId && order.quantity === quantity) return { value: order }
  const detail = 'This Idempotency-Key was used for another order.'
  return { problem: { code: 'idempotency-key-reused', detail } }
}
