import { Hono } from 'hono'
import type { Database } from './database/database.ts'
import { pathId, queryInteger } from './input.ts'
import { type Money, money } from './money.ts'
import { respond } from './problems.ts'
import { pageOfProducts, productById, type ProductRow } from './product-store.ts'

const LIMIT = { min: 1, max: 100, absent: 20 }
/** A page costs the database all the rows before it, so there is an end to that. */
const OFFSET = { min: 0, max: 1_000_000, absent: 0 }

/** `GET /products` and `GET /products/:id`. */
export function catalog(database: Database): Hono {
  return new Hono()
    .get('/products', async (c) => {
      const limit = queryInteger('limit', c.req.query('limit'), LIMIT)
      if ('problem' in limit) return respond(limit.problem)
      const offset = queryInteger('offset', c.req.query('offset'), OFFSET)
      if ('problem' in offset) return respond(offset.problem)
      return c.json(await listProducts(database, limit.value, offset.value))
    })
    .get('/products/:id', async (c) => {
      const id = pathId(c.req.param('id'))
      if ('problem' in id) return respond(id.problem)
      const [row] = await database.use((db) => productById(db, { id: id.value }))
      if (!row) return respond({ code: 'unknown-product', detail: `No product ${id.value}.` })
      return c.json(productOf(row))
    })
}

type Page = Readonly<{
  items: readonly Product[]
  limit: number
  offset: number
  nextOffset: number | null
}>

/**
 * A page in the order of ids. It has no total: counting all products for every page would be most of
 * the database's work. One row more than asked for tells whether there is a next page.
 */
async function listProducts(database: Database, limit: number, offset: number): Promise<Page> {
  const rows = await database.use((db) => pageOfProducts(db, { limit: limit + 1, offset }))
  const nextOffset = rows.length > limit ? offset + limit : null
  return { items: rows.slice(0, limit).map(productOf), limit, offset, nextOffset }
}

type Product = Readonly<{
  id: number
  name: string
  description: string
  price: Money
  stock: number
  sold: number
}>

function productOf(row: ProductRow): Product {
  const { id, name, description, price_minor, currency, stock, sold } = row
  return { id, name, description, price: money(price_minor, currency), stock, sold }
}
