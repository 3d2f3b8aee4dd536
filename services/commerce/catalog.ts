import { Hono } from 'hono'
import type { Database } from './database/database.ts'
import { pathId } from './input.ts'
import { type Money, money } from './money.ts'
import { respond } from './problems.ts'
import {
  type ItemRow,
  itemsOfProduct,
  productById,
  type ProductRow,
  shownProducts,
} from './product-store.ts'

/** `GET /products` and `GET /products/:id`. */
export function catalog(database: Database): Hono {
  return new Hono()
    .get('/products', async (c) => {
      const rows = await database.use((db) => shownProducts(db, {}))
      const products = rows.map(({ id, name, currency, lowest_minor }) => {
        const lowestPrice = lowest_minor === null ? null : money(lowest_minor, currency)
        return { id, name, lowestPrice, onSale: lowestPrice !== null }
      })
      return c.json({ products })
    })
    .get('/products/:id', async (c) => {
      const id = pathId(c.req.param('id'))
      if ('problem' in id) return respond(id.problem)
      const product = await database.use(async (db) => {
        const [row] = await productById(db, { id: id.value })
        return row && productOf(row, await itemsOfProduct(db, { productId: row.id }))
      })
      if (!product) return respond({ code: 'unknown-product', detail: `No product ${id.value}.` })
      return c.json(product)
    })
}

type Item = Readonly<{
  id: number
  name: string
  cost: Money
  price: Money
  /** Of the cost, rounded to whole percent. */
  discountPercent: number
  onSale: boolean
  stock: number
  sold: number
}>

function productOf({ id, name, description, currency }: ProductRow, rows: readonly ItemRow[]) {
  return { id, name, description, items: rows.map((row) => itemOf(row, currency)) }
}

function itemOf(row: ItemRow, currency: string): Item {
  const { id, name, cost_minor, price_minor, stock, sold, open } = row
  const discountPercent = Math.round((100 * (cost_minor - price_minor)) / cost_minor)
  return {
    id,
    name,
    cost: money(cost_minor, currency),
    price: money(price_minor, currency),
    discountPercent,
    onSale: open && sold < stock,
    stock,
    sold,
  }
}
