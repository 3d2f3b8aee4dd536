/** The endpoints of scenarios/shop, which it serves. */
type Endpoint = 'list-products' | 'view-product' | 'place-order' | 'view-order'

/** A request of the journey, read off its first line and body; `key` is the last part of its path. */
export type ShopRequest = Readonly<{ endpoint: Endpoint; key: string; body: string }>

/** Of the seed: those of which something can be bought. */
const PRODUCTS = 10
const ITEMS_OF_EACH = 4

/** Reads `GET /any/prefix/products/7 HTTP/1.1`; undefined if it is no request of the journey. */
export function readShopRequest(line: string, body: string): ShopRequest | undefined {
  const [method, path = ''] = line.split(' ', 2)
  const key = path.slice(path.lastIndexOf('/') + 1)
  if (method === 'POST') return { endpoint: 'place-order', key, body }
  if (key === 'products') return { endpoint: 'list-products', key, body }
  if (path.includes('/products/')) return { endpoint: 'view-product', key, body }
  if (path.includes('/orders/')) return { endpoint: 'view-order', key, body }
  return undefined
}

/** Answers as the contract promises, from memory: the delays are the only time it takes. */
export function createKnownShop() {
  const list = JSON.stringify(PRODUCT_LIST)
  const products = new Map(
    PRODUCT_LIST.products.map(({ id }) => [String(id), JSON.stringify(productWith(id))]),
  )
  /** By the number of an order. */
  const itemOf = new Map<string, number>()
  const found = (body: string | undefined) =>
    body === undefined ? { status: 404, body: '{}' } : { status: 200, body }

  return ({ endpoint, key, body }: ShopRequest): Readonly<{ status: number; body: string }> => {
    switch (endpoint) {
      case 'list-products':
        return { status: 200, body: list }
      case 'view-product':
        return found(products.get(key))
      case 'place-order': {
        const [, number = '', itemId] = ORDERED.exec(body) ?? []
        itemOf.set(number, Number(itemId))
        return { status: 201, body: orderWith(number, Number(itemId)) }
      }
      case 'view-order': {
        const itemId = itemOf.get(key)
        return found(itemId === undefined ? undefined : orderWith(key, itemId))
      }
      default:
        return endpoint satisfies never
    }
  }
}

/** As the scenario writes it, and Locust, which puts spaces between. */
const ORDERED = /"number": ?"([^"]*)".*"items": ?\[\{"id": ?(\d+)/

const PRICE = { amountMinor: 1999, currency: 'EUR' }

/** Their list. */
export const PRODUCT_LIST = {
  products: Array.from({ length: PRODUCTS }, (_, at) => {
    return { id: at + 1, name: `Event ${at + 1}`, lowestPrice: PRICE, onSale: true }
  }),
}

export const productWith = (id: number) => ({
  id,
  name: `Event ${id}`,
  description: `Evening ${id} in the main hall.`,
  items: Array.from({ length: ITEMS_OF_EACH }, (_, at) =>
    itemWith((id - 1) * ITEMS_OF_EACH + at + 1),
  ),
})

const itemWith = (id: number) => ({
  id,
  name: `Row ${id}`,
  cost: { ...PRICE, amountMinor: 3998 },
  price: PRICE,
  discountPercent: 50,
  onSale: true,
  stock: 1_000_000,
  sold: 0,
})

const PRICE_JSON = JSON.stringify(PRICE)

/** A completed order of one piece, as JSON. */
export const orderWith = (number: string, itemId: number): string =>
  `{"number":"${number}","status":"completed","productId":${Math.ceil(itemId / ITEMS_OF_EACH)},` +
  `"pieces":[{"id":${itemId},"itemId":${itemId},"name":"Row ${itemId}","price":${PRICE_JSON}}],` +
  `"total":${PRICE_JSON},"createdAt":"2026-01-01T00:00:00.000Z"}`
