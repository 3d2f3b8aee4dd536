import type { Insertable } from 'kysely'
import type { OrdersTable } from './database/schema.ts'
import { statement } from './database/statement.ts'

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

export const orderById = statement<{ id: number }, OrderRow>((db, parameter) =>
  db.selectFrom('orders').select(COLUMNS).where('id', '=', parameter('id')),
)

export const orderByKey = statement<{ key: string }, OrderRow>((db, parameter) =>
  db.selectFrom('orders').select(COLUMNS).where('idempotency_key', '=', parameter('key')),
)

/** Adds to what is sold of a product, while stock lasts; gives its price if it did. */
export const reserve = statement<
  { productId: number; quantity: number },
  { price_minor: number; currency: string }
>((db, parameter) =>
  db
    .updateTable('products')
    .set((eb) => ({ sold: eb('sold', '+', parameter('quantity')) }))
    .where('id', '=', parameter('productId'))
    .where((eb) => eb(eb('stock', '-', eb.ref('sold')), '>=', parameter('quantity')))
    .returning(['price_minor', 'currency']),
)

export type NewOrder = Omit<Insertable<OrdersTable>, 'id' | 'created_at'>

export const insertOrder = statement<Required<NewOrder>, OrderRow>((db, parameter) =>
  db
    .insertInto('orders')
    .values({
      product_id: parameter('product_id'),
      quantity: parameter('quantity'),
      unit_price_minor: parameter('unit_price_minor'),
      currency: parameter('currency'),
      idempotency_key: parameter('idempotency_key'),
    })
    .returning(COLUMNS),
)
