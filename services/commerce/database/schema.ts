import type { Generated } from 'kysely'

/** Row types of `sql/schema.sql`. `bigint` columns arrive as numbers: see `int8` in client.ts. */
export type Schema = Readonly<{
  products: ProductsTable
  orders: OrdersTable
}>

type ProductsTable = Readonly<{
  id: Generated<number>
  name: string
  description: string
  price_minor: number
  currency: string
  stock: number
  sold: Generated<number>
}>

export type OrdersTable = Readonly<{
  id: Generated<number>
  product_id: number
  quantity: number
  unit_price_minor: number
  currency: string
  idempotency_key: string | null
  created_at: Generated<Date>
}>
