import { sql } from 'kysely'
import { statement } from './database/statement.ts'

export const orderWithNumber = statement<{ number: string }, { id: number }>((db, parameter) =>
  db.selectFrom('orders').select('id').where('number', '=', parameter('number')),
)

export const userById = statement<{ id: number }, { id: number }>((db, parameter) =>
  db.selectFrom('users').select('id').where('id', '=', parameter('id')),
)

export const userByEmail = statement<{ email: string }, { id: number; password_hash: string }>(
  (db, parameter) =>
    db.selectFrom('users').select(['id', 'password_hash']).where('email', '=', parameter('email')),
)

export const insertOrder = statement<
  { number: string; userId: number; productId: number },
  { id: number; created_at: Date }
>((db, parameter) =>
  db
    .insertInto('orders')
    .values({
      number: parameter('number'),
      user_id: parameter('userId'),
      product_id: parameter('productId'),
      status: sql.lit('pending'),
    })
    .returning(['id', 'created_at']),
)

/** A row for each piece: `itemIds` and `pricesMinor` have an entry for each. */
export const insertPieces = statement<
  { orderId: number; itemIds: readonly number[]; pricesMinor: readonly number[] },
  { id: number; product_item_id: number; price_minor: number }
>((db, parameter) =>
  db
    .insertInto('order_items')
    .columns(['order_id', 'product_item_id', 'price_minor'])
    .expression((eb) =>
      eb
        .selectFrom(
          sql<{
            item: number
            price: number
          }>`unnest(${parameter('itemIds')}::bigint[], ${parameter('pricesMinor')}::integer[])`.as(
            sql`pieces(item, price)`,
          ),
        )
        .select([sql`${parameter('orderId')}::bigint`.as('id'), 'item', 'price']),
    )
    .returning(['id', 'product_item_id', 'price_minor']),
)

export const completeOrder = statement<{ id: number }, never>((db, parameter) =>
  db
    .updateTable('orders')
    .set({ status: sql.lit('completed'), updated_at: sql<Date>`now()` })
    .where('id', '=', parameter('id')),
)

/** Before it has pieces. */
export const deleteOrder = statement<{ id: number }, never>((db, parameter) =>
  db.deleteFrom('orders').where('id', '=', parameter('id')),
)

export type OrderRow = Readonly<{
  id: number
  number: string
  status: string
  product_id: number
  currency: string
  created_at: Date
}>

/** Of this user alone: nobody sees that there is an order of somebody else. */
export const orderOfUser = statement<{ number: string; userId: number }, OrderRow>(
  (db, parameter) =>
    db
      .selectFrom('orders')
      .innerJoin('products', 'products.id', 'orders.product_id')
      .innerJoin('users', 'users.id', 'orders.user_id')
      .select([
        'orders.id',
        'orders.number',
        'orders.status',
        'orders.product_id',
        'products.currency',
        'orders.created_at',
      ])
      .where('orders.number', '=', parameter('number'))
      .where('users.id', '=', parameter('userId')),
)

export type PieceRow = Readonly<{
  id: number
  product_item_id: number
  price_minor: number
}>

export const piecesOfOrder = statement<{ orderId: number }, PieceRow & { name: string }>(
  (db, parameter) =>
    db
      .selectFrom('order_items')
      .innerJoin('product_items', 'product_items.id', 'order_items.product_item_id')
      .select([
        'order_items.id',
        'order_items.product_item_id',
        'order_items.price_minor',
        'product_items.name',
      ])
      .where('order_items.order_id', '=', parameter('orderId'))
      .orderBy('order_items.id'),
)
