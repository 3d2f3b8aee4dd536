/** The endpoints of scenarios/shop, which it serves. */
type Endpoint = 'list-products' | 'view-product' | 'place-order' | 'view-order'

/** A request of the journey, read off its first line and body. */
export type ShopRequest = Readonly<{ endpoint: Endpoint; number: number; body: string }>

const PAGE = 20
const PRODUCTS = 1_000

/** Reads `GET /any/prefix/products/7 HTTP/1.1`; undefined if it is no request of the journey. */
export function readShopRequest(line: string, body: string): ShopRequest | undefined {
  const [method, path = ''] = line.split(' ', 2)
  if (method === 'POST') return { endpoint: 'place-order', number: 0, body }
  const query = path.indexOf('offset=')
  if (query >= 0) return { endpoint: 'list-products', number: Number(path.slice(query + 7)), body }
  const number = Number(path.slice(path.lastIndexOf('/') + 1))
  if (path.includes('/products/')) return { endpoint: 'view-product', number, body }
  if (path.includes('/orders/')) return { endpoint: 'view-order', number, body }
  return undefined
}

/** Answers as the contract promises, from memory: the delays are the only time it takes. */
export function createKnownShop() {
  const pages = new Map<number, string>()
  const productOf: number[] = []
  const orderOf = (id: number): string => orderWith(id, productOf[id - 1] ?? 0)

  return (request: ShopRequest): Readonly<{ status: number; body: string }> => {
    switch (request.endpoint) {
      case 'list-products': {
        const page = pages.get(request.number) ?? JSON.stringify(pageFrom(request.number))
        pages.set(request.number, page)
        return { status: 200, body: page }
      }
      case 'view-product':
        return { status: 200, body: JSON.stringify(productWith(request.number)) }
      case 'place-order':
        productOf.push(Number(/"productId":(\d+)/.exec(request.body)?.[1]))
        return { status: 201, body: orderOf(productOf.length) }
      case 'view-order':
        return { status: 200, body: orderOf(request.number) }
      default:
        return request.endpoint satisfies never
    }
  }
}

/** The products after the first `offset` of the seed's 1,000. */
export const pageFrom = (offset: number) => ({
  items: Array.from({ length: PAGE }, (_, index) => productWith(offset + index + 1)),
  limit: PAGE,
  offset,
  nextOffset: offset + PAGE < PRODUCTS ? offset + PAGE : null,
})

const PRICE = { amountMinor: 1999, currency: 'EUR' }

export const productWith = (id: number) => ({
  id,
  name: `Event ticket ${id}`,
  description: `Seat ${id} of the main hall.`,
  price: PRICE,
  stock: 1_000_000,
  sold: 0,
})

const PRICE_JSON = JSON.stringify(PRICE)

/** An order of one piece, as JSON. */
export const orderWith = (id: number, productId: number): string =>
  `{"id":${id},"productId":${productId},"quantity":1,"unitPrice":${PRICE_JSON},` +
  `"total":${PRICE_JSON},"createdAt":"2026-01-01T00:00:00.000Z"}`
