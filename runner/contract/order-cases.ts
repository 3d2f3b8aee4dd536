import { post, type Case, type Known } from './cases.ts'

const MALFORMED = 'A body that is no JSON object is 400.'
const FIELD =
  'A field that is missing or of another type is 400, and the problem names it in errors.'
const RANGE = 'A quantity is 1 to 1,000; another integer is 422.'

const order = (
  name: string,
  body: string | ((known: Readonly<Known>) => unknown),
  status: number,
  remedy: string,
  headers: Record<string, string> = {},
): Case => ({
  name,
  template: '/orders',
  request: (known) => post(typeof body === 'string' ? body : JSON.stringify(body(known)), headers),
  status,
  remedy,
})

/** An Idempotency-Key of this check alone. */
const KEY = `samehost-${Date.now()}-${process.pid}`

/** Orders that must be refused, and with what; and the Idempotency-Key. */
export const ORDER_CASES: readonly Case[] = [
  order('order of no JSON', '{"productId":1,', 400, MALFORMED),
  order('order of an array', '[]', 400, MALFORMED),
  order('order without a body', '', 400, MALFORMED),
  order('order without a quantity', ({ productId }) => ({ productId }), 400, FIELD),
  order('order without a product', () => ({ quantity: 1 }), 400, FIELD),
  order(
    'order with a quantity that is text',
    ({ productId }) => ({ productId, quantity: '1' }),
    400,
    FIELD,
  ),
  order('order of a negative id', () => ({ productId: -1, quantity: 1 }), 400, FIELD),
  order('order of quantity 0', ({ productId }) => ({ productId, quantity: 0 }), 422, RANGE),
  order('order of quantity 1,001', ({ productId }) => ({ productId, quantity: 1_001 }), 422, RANGE),
  order(
    'order of an unknown product',
    () => ({ productId: Number.MAX_SAFE_INTEGER, quantity: 1 }),
    404,
    'A product id that is well formed but not there is 404.',
  ),
  order('order as text', '{}', 415, 'A body that is not application/json is 415.', {
    'content-type': 'text/plain',
  }),
  order('order beyond 16 KiB', ' '.repeat(20_000), 413, 'A body of more than 16 KiB is 413.'),
  {
    ...order('order with an Idempotency-Key', '', 201, ''),
    request: ({ productId }) =>
      post(JSON.stringify({ productId, quantity: 1 }), { 'idempotency-key': KEY }),
    check: ({ body }, known) => {
      known.orderId = Number((body as { id: unknown }).id)
      return null
    },
    remedy: 'An order with an Idempotency-Key is placed like any other.',
  },
  {
    ...order('the same order again', '', 201, ''),
    request: ({ productId }) =>
      post(JSON.stringify({ productId, quantity: 1 }), { 'idempotency-key': KEY }),
    check: ({ body }, { orderId }) => {
      const { id } = body as { id: unknown }
      return id === orderId ? null : `order ${String(id)} beside ${orderId}`
    },
    remedy: 'A retry with the same Idempotency-Key gets the same order, once.',
  },
  order(
    'another order under the same key',
    ({ productId }) => ({ productId, quantity: 2 }),
    422,
    'An Idempotency-Key used for another order is 422.',
    { 'idempotency-key': KEY },
  ),
]

/** Paths and methods that are not there. */
export const ROUTING_CASES: readonly Case[] = [
  ['DELETE of the products', '/products', 'DELETE', '/products', 405],
  ['PUT of an order', '/orders/{id}', 'PUT', '/orders/1', 405],
].map(([name, template, method, path, status]) => ({
  name: String(name),
  template: String(template),
  request: () => ({ method: String(method), path: String(path) }),
  status: Number(status),
  check: ({ headers }) => (headers.get('allow') ? null : 'no Allow header'),
  remedy: 'A method that a path does not have is 405 with Allow.',
}))
