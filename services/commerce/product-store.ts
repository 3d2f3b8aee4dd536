import { type ExpressionBuilder, sql } from 'kysely'
import type { Schema } from './database/schema.ts'
import { statement } from './database/statement.ts'

type Items = ExpressionBuilder<Schema, 'product_items'>

/** Can a piece of the item be bought just now? */
const isOnSale = (eb: Items) =>
  eb.and([
    eb('active', '=', sql.lit(true)),
    eb('sale_from', '<=', sql<Date>`now()`),
    eb('sale_until', '>', sql<Date>`now()`),
    eb('sold', '<', eb.ref('stock')),
  ])

export type ShownRow = Readonly<{
  id: number
  name: string
  currency: string
  /** Of the items on sale; null where there is none. */
  lowest_minor: number | null
}>

export const shownProducts = statement<object, ShownRow>((db) =>
  db
    .selectFrom('products')
    .select(['id', 'name', 'currency'])
    .select((outer) =>
      outer
        .selectFrom('product_items')
        .select((eb) => eb.fn.min('price_minor').as('lowest'))
        .whereRef('product_id', '=', 'products.id')
        .where(isOnSale)
        .as('lowest_minor'),
    )
    .where('shown', '=', sql.lit(true))
    .orderBy('id'),
)

export type ProductRow = Readonly<{
  id: number
  name: string
  description: string
  currency: string
}>

/** A product that is shown. */
export const productById = statement<{ id: number }, ProductRow>((db, parameter) =>
  db
    .selectFrom('products')
    .select(['id', 'name', 'description', 'currency'])
    .where('id', '=', parameter('id'))
    .where('shown', '=', sql.lit(true)),
)

/**
 * Holds the product's row until the transaction ends: orders of one product wait for each other. Not `FOR UPDATE`: an
 * order that is stored shares the key of that row by its foreign key, so two of them would be a deadlock.
 */
export const lockProduct = statement<{ id: number }, { id: number }>((db, parameter) =>
  db.selectFrom('products').select('id').where('id', '=', parameter('id')).forNoKeyUpdate(),
)

export type ItemRow = Readonly<{
  id: number
  name: string
  cost_minor: number
  price_minor: number
  stock: number
  sold: number
  /** Within its sale window, whatever is left of it. */
  open: boolean
}>

/** The active items of a product, in the order of their ids. */
export const itemsOfProduct = statement<{ productId: number }, ItemRow>((db, parameter) =>
  db
    .selectFrom('product_items')
    .select(['id', 'name', 'cost_minor', 'price_minor', 'stock', 'sold'])
    .select(sql<boolean>`sale_from <= now() AND now() < sale_until`.as('open'))
    .where('product_id', '=', parameter('productId'))
    .where('active', '=', sql.lit(true))
    .orderBy('id'),
)

/** The product's row is locked by then, so nobody else counts between the look and this. */
export const sell = statement<{ itemId: number; pieces: number }, never>((db, parameter) =>
  db
    .updateTable('product_items')
    .set((eb) => ({ sold: eb('sold', '+', parameter('pieces')) }))
    .where('id', '=', parameter('itemId')),
)
