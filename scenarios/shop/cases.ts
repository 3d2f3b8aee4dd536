// The suite of services/contract.yaml: what a service must answer, case by case, before it is measured.

import {
  amountOf,
  bearer,
  type Case,
  FIELD,
  fields,
  get,
  listOf,
  NO_SUCH,
  post,
  USER,
} from './contract-case.ts'
import { REFUSED_ORDERS } from './order-cases.ts'

export { begin } from './contract-case.ts'

type Spec = readonly [name: string, path: string, status: number, remedy: string]

const ID_RULE = 'An id that is not a positive integer of 53 bits is 400, never 404 or 500.'

/** Reads that must be refused, and with what. */
const REFUSED_PRODUCTS: readonly Case[] = (
  [
    ['product of id 0', '/products/0', 400, ID_RULE],
    ['product of a negative id', '/products/-1', 400, ID_RULE],
    ['product of a fractional id', '/products/1.5', 400, ID_RULE],
    ['product of a word', '/products/first', 400, ID_RULE],
    ['product beyond 53 bits', '/products/9007199254740992', 400, ID_RULE],
    ['product beyond 64 bits', '/products/99999999999999999999', 400, ID_RULE],
    ['unknown product', '/products/9007199254740991', 404, NO_SUCH],
    ['product that is not shown', '/products/12', 404, 'A product that is not shown is 404.'],
  ] as const satisfies readonly Spec[]
).map(([name, path, status, remedy]) => {
  return { name, template: '/products/{id}', request: () => get(path), status, remedy }
})

const QUANTITY = 3

/** The four steps of the journey, in order: each needs what the one before has learnt. */
const JOURNEY_CASES: readonly Case[] = [
  {
    name: 'list products',
    template: '/products',
    request: () => get('/products'),
    status: 200,
    check: (answer, known) => {
      const list = listOf(answer, 'products')
      known.productId = Number(list[0]?.['id'])
      const onSale = list.filter((product) => product['onSale'] === true)
      if (list.length === 11 && onSale.length === 10) return null
      return `${list.length} products, ${onSale.length} of them on sale`
    },
    remedy: 'The seed has 11 products that are shown, and items of 10 of them are on sale.',
  },
  {
    name: 'view product',
    template: '/products/{id}',
    request: ({ productId }) => get(`/products/${productId}`),
    status: 200,
    check: (answer, known) => {
      const [item, ...others] = listOf(answer, 'items')
      known.itemId = Number(item?.['id'])
      known.sold = Number(item?.['sold'])
      const { id } = fields(answer)
      if (id !== known.productId) return `product ${String(id)}`
      return others.length === 3 ? null : `${others.length + 1} items`
    },
    remedy: 'The product that is asked for is answered, with its four items.',
  },
  {
    name: 'view a product of which nothing can be bought',
    template: '/products/{id}',
    request: () => get('/products/11'),
    status: 200,
    check: (answer) => {
      const ids = listOf(answer, 'items').map(({ id, onSale }) => `${String(id)} ${String(onSale)}`)
      const found = ids.join(', ')
      return found === '42 false, 43 false, 44 false' ? null : found
    },
    remedy: 'Active items alone are shown, on sale or not, in the order of their ids.',
  },
  {
    name: 'place order',
    template: '/orders',
    request: ({ own, productId, itemId }) =>
      post(JSON.stringify({ number: own, productId, items: [{ id: itemId, quantity: QUANTITY }] })),
    status: 201,
    check: (answer, known) => {
      const { number, productId, total } = fields(answer)
      known.number = String(number)
      known.total = amountOf(total)
      const location = answer.headers['location'] ?? ''
      if (!location.endsWith(`/orders/${known.own}`)) return `Location: ${location || 'none'}`
      const pieces = listOf(answer, 'pieces')
      const sum = pieces.reduce((all, { price }) => all + amountOf(price), 0)
      const isRight = productId === known.productId && pieces.length === QUANTITY
      return isRight && sum === known.total ? null : JSON.stringify(fields(answer))
    },
    remedy:
      'An order is answered 201 with itself, a piece for each that was bought, and Location: /orders/NUMBER.',
  },
  {
    name: 'view order',
    template: '/orders/{number}',
    request: ({ number }) => get(`/orders/${number}`, bearer(USER)),
    status: 200,
    check: (answer, known) => {
      const { number, status, total } = fields(answer)
      const isSame =
        number === known.own && status === 'completed' && amountOf(total) === known.total
      return isSame ? null : JSON.stringify({ number, status, total })
    },
    remedy: 'The order read back is the order that was placed, and completed.',
  },
  {
    name: 'the order is counted as sold',
    template: '/products/{id}',
    request: ({ productId }) => get(`/products/${productId}`),
    status: 200,
    check: (answer, known) => {
      const item = listOf(answer, 'items').find(({ id }) => id === known.itemId)
      const sold = item?.['sold']
      return sold === known.sold + QUANTITY ? null : `sold ${String(sold)}, before ${known.sold}`
    },
    remedy:
      'Placing an order adds its quantity to what the item has sold, in the same transaction.',
  },
]

const signIn = (name: string, body: string, status: number, remedy: string): Case => ({
  name,
  template: '/sign-in',
  request: () => ({
    method: 'POST',
    path: '/sign-in',
    headers: { 'content-type': 'application/json' },
    body,
  }),
  status,
  remedy,
})
const email = `user-${USER}@example.com`

const SIGN_IN_CASES: readonly Case[] = [
  {
    ...signIn(
      'sign in',
      JSON.stringify({ email, password: 'correct horse' }),
      200,
      'A user of the seed is given a token.',
    ),
    check: (answer) =>
      String(fields(answer)['token']).split('.').length === 3 ? null : 'no token',
  },
  signIn(
    'sign in by a wrong password',
    JSON.stringify({ email, password: 'wrong' }),
    401,
    'A wrong password is 401.',
  ),
  signIn(
    'sign in of nobody',
    JSON.stringify({ email: 'x@example.com', password: 'x' }),
    401,
    'An unknown email is 401.',
  ),
  signIn('sign in without a password', JSON.stringify({ email }), 400, FIELD),
]

/** Paths and methods that are not there. */
const ROUTING_CASES: readonly Case[] = [
  ['DELETE of the products', '/products', 'DELETE', '/products', 405],
  ['PUT of an order', '/orders/{number}', 'PUT', '/orders/1', 405],
].map(([name, template, method, path, status]) => ({
  name: String(name),
  template: String(template),
  request: () => ({ method: String(method), path: String(path), headers: bearer(USER) }),
  status: Number(status),
  check: ({ headers }) => (headers['allow'] ? null : 'no Allow header'),
  remedy: 'A method that a path does not have is 405 with Allow.',
}))

/** In the order in which they are asked. */
export const cases: readonly Case[] = [
  ...JOURNEY_CASES,
  ...REFUSED_PRODUCTS,
  ...REFUSED_ORDERS,
  ...SIGN_IN_CASES,
  ...ROUTING_CASES,
]
