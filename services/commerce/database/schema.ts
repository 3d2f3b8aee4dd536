import type { Generated } from 'kysely'

/** Row types of `sql/schema.sql`. `bigint` columns arrive as numbers: see `int8` in client.ts. */
export type Schema = Readonly<{
  users: UsersTable
  products: ProductsTable
  product_items: ProductItemsTable
  orders: OrdersTable
  order_items: OrderItemsTable
}>

type UsersTable = Readonly<{
  id: Generated<number>
  email: string
  password_hash: string
}>

type ProductsTable = Readonly<{
  id: Generated<number>
  name: string
  description: string
  currency: string
  shown: Generated<boolean>
}>

type ProductItemsTable = Readonly<{
  id: Generated<number>
  product_id: number
  name: string
  cost_minor: number
  price_minor: number
  active: Generated<boolean>
  sale_from: Date
  sale_until: Date
  stock: number
  sold: Generated<number>
}>

type OrdersTable = Readonly<{
  id: Generated<number>
  number: string
  user_id: number
  product_id: number
  status: string
  created_at: Generated<Date>
  updated_at: Generated<Date>
}>

type OrderItemsTable = Readonly<{
  id: Generated<number>
  order_id: number
  product_item_id: number
  price_minor: number
}>
