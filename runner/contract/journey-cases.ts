import { post, type Case, type CaseAnswer } from './cases.ts'

type Fields = Readonly<Record<string, unknown>>
const fields = ({ body }: CaseAnswer): Fields => body as Fields

const QUANTITY = 3

/** The four steps of the journey, in order: each needs what the one before has learnt. */
export const JOURNEY_CASES: readonly Case[] = [
  {
    name: 'list products',
    template: '/products',
    request: () => ({ method: 'GET', path: '/products' }),
    status: 200,
    check: (answer, known) => {
      const items = fields(answer)['items'] as Fields[]
      known.productId = Number(items[0]?.['id'])
      if (items.length === 20) return null
      return `${items.length} products on the first page`
    },
    remedy: 'Without a limit a page has 20 products; the seed has 1,000.',
  },
  {
    name: 'list the last product',
    template: '/products',
    request: () => ({ method: 'GET', path: '/products?limit=100&offset=999' }),
    status: 200,
    check: (answer) => {
      const items = fields(answer)['items'] as Fields[]
      return items.length === 1 ? null : `${items.length} products from offset 999`
    },
    remedy:
      'limit and offset page through the 1,000 products of the seed in the order of their ids.',
  },
  {
    name: 'view product',
    template: '/products/{id}',
    request: ({ productId }) => ({ method: 'GET', path: `/products/${productId}` }),
    status: 200,
    check: (answer, known) => {
      const { id, sold } = fields(answer)
      known.sold = Number(sold)
      return id === known.productId ? null : `product ${String(id)}`
    },
    remedy: 'The product that is asked for is answered, whole.',
  },
  {
    name: 'place order',
    template: '/orders',
    request: ({ productId }) => post(JSON.stringify({ productId, quantity: QUANTITY })),
    status: 201,
    check: (answer, known) => {
      const { id, productId, quantity } = fields(answer)
      known.orderId = Number(id)
      const location = answer.headers.get('location') ?? ''
      if (!location.endsWith(`/orders/${known.orderId}`)) return `Location: ${location || 'none'}`
      if (productId === known.productId && quantity === QUANTITY) return null
      return `product ${String(productId)}, quantity ${String(quantity)}`
    },
    remedy: 'An order is answered 201 with itself and with Location: /orders/ID.',
  },
  {
    name: 'view order',
    template: '/orders/{id}',
    request: ({ orderId }) => ({ method: 'GET', path: `/orders/${orderId}` }),
    status: 200,
    check: (answer, known) => {
      const { id, productId, quantity } = fields(answer)
      const same = id === known.orderId && productId === known.productId && quantity === QUANTITY
      return same ? null : JSON.stringify({ id, productId, quantity })
    },
    remedy: 'The order read back is the order that was placed.',
  },
  {
    name: 'the order is counted as sold',
    template: '/products/{id}',
    request: ({ productId }) => ({ method: 'GET', path: `/products/${productId}` }),
    status: 200,
    check: (answer, known) => {
      const { sold } = fields(answer)
      return sold === known.sold + QUANTITY ? null : `sold ${String(sold)}, before ${known.sold}`
    },
    remedy: 'Placing an order adds its quantity to what is sold, in the same transaction.',
  },
]
