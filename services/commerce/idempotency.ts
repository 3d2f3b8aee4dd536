import type { Kysely } from 'kysely'
import { DatabaseError } from 'pg'
import type { Schema } from './database/schema.ts'
import type { Input } from './input.ts'
import { findOrderByKey, type OrderRequest, type OrderRow } from './order-store.ts'
import { refuse } from './problems.ts'

/** The `Idempotency-Key` of a request, taken as it stands (draft-ietf-httpapi-idempotency-key-header). */
export function idempotencyKey(header: string | undefined): Input<string | undefined> {
  if (header === undefined || /^[\x21-\x7e]{1,255}$/.test(header)) return { value: header }
  const reason = 'must be 1 to 255 visible ASCII characters'
  return { problem: refuse('invalid-field', [{ in: 'header', name: 'Idempotency-Key', reason }]) }
}

const UNIQUE_VIOLATION = '23505'

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
  const earlier = await findOrderByKey(db, key)
  if (earlier) return sameRequest(earlier, request)
  const placed = await place().catch(noneIfTaken)
  if (placed && 'value' in placed) return placed
  const twin = await findOrderByKey(db, key)
  if (twin) return sameRequest(twin, request)
  if (placed) return placed
  throw new Error('The order that took the idempotency key is gone.')
}

function noneIfTaken(error: unknown): undefined {
  if (error instanceof DatabaseError && error.code === UNIQUE_VIOLATION) return undefined
  throw error
}

function sameRequest(order: OrderRow, { productId, quantity }: OrderRequest): Input<OrderRow> {
  if (order.product_id === productId && order.quantity === quantity) return { value: order }
  const detail = 'This Idempotency-Key was used for another order.'
  return { problem: { code: 'idempotency-key-reused', detail } }
}
