import { statement } from './database/statement.ts'

const COLUMNS = ['id', 'name', 'description', 'price_minor', 'currency', 'stock', 'sold'] as const

export type ProductRow = Readonly<{
  id: number
  name: string
  description: string
  price_minor: number
  currency: string
  stock: number
  sold: number
}>

export const pageOfProducts = statement<{ limit: number; offset: number }, ProductRow>(
  (db, parameter) =>
    db
      .selectFrom('products')
      .select(COLUMNS)
      .orderBy('id')
      .limit(parameter('limit'))
      .offset(parameter('offset')),
)

export const productById = statement<{ id: number }, ProductRow>((db, parameter) =>
  db.selectFrom('products').select(COLUMNS).where('id', '=', parameter('id')),
)
