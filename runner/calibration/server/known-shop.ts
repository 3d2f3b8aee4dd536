import type { Endpoint } from '../../measurement/figures.ts'

/** A request of the journey, read off its first line and body. */
export type ShopRequest = Readonly<{ endpoint: Endpoint; number: number; body: string }>

const PAGE = 20

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

  const orderOf = (id: number): string =>
    `{"id":${id},"productId":${productOf[id - 1]},"quantity":1,"status":"placed"}`

  return (request: ShopRequest): Readonly<{ status: number; body: string }> => {
    switch (request.endpoint) {
      case 'list-products': {
        const page = pages.get(request.number) ?? listOf(request.number)
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

function listOf(offset: number): string {
  const items = Array.from({ length: PAGE }, (_, index) => productWith(offset + index + 1))
  return JSON.stringify({ items, limit: PAGE, offset })
}

const productWith = (id: number) => ({
  id,
  name: `Product ${id}`,
  priceMinor: 1999,
  currency: 'EUR',
  stock: 1_000_000,
  sold: 0,
})
