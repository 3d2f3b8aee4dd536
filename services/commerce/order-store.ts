import type { Kysely } from 'kysely'
import type { Schema } from './database/schema.ts'

const COLUMNS = [
  'id',
  'product_id',
  'quantity',
  'unit_price_minor',
  'currency',
  'created_at',
] as const

export type OrderRow = Readonly<{
  id: number
  product_id: number
  quantity: number
  unit_price_minor: number
  currency: string
  created_at: Date
}>

export type OrderRequest = Readonly<{
  productId: number
  quantity: number
  /** Under this key an order is placed once, however often it is asked for. */
  idempotencyKey: string | undefined
}>

export function findOrder(db: Kysely<Schema>, id: number): Promise<OrderRow | undefined> {
  return db.selectFrom('orders').select(COLUMNS).where('id', '=', id).executeTakeFirst()
}

export function findOrderByKey(db: Kysely<Schema>, key: string): Promise<OrderRow | undefined> {
  return db
    .selectFrom('orders')
    .select(COLUMNS)
    .where('idempotency_key', '=', key)
    .executeTakeFirst()
}

/** Adds `quantity` to what is sold of a product, while stock lasts; gives its price if it did. */
export function reserve(db: Kysely<Schema>, productId: number, quantity: number) {
  return db
    .updateTable('products')
    .set((eb) => ({ sold: eb('sold', '+', quantity) }))
    .where('id', '=', productId)
    .where((eb) => eb(eb('stock', '-', eb.ref('sold')), '>=', quantity))
    .returning(['price_minor', 'currency'])
    .executeTakeFirst()
}

export function insertOrder(
  db: Kysely<Schema>,
  order: Omit<OrderRow, 'id' | 'created_at'> & Readonly<{ idempotency_key: string | null }>,
): Promise<OrderRow> {
  return db.insertInto('orders').values(order).returning(COLUMNS).executeTakeFirstOrThrow()
}

export async function productExists(db: Kysely<Schema>, id: number): Promise<boolean> {
  return !!(await db.selectFrom('products').select('id').where('id', '=', id).executeTakeFirst())
}
