// Orders that must be refused, and those of somebody else: a part of cases.ts.

import {
  bearer,
  type Case,
  FIELD,
  get,
  type Known,
  NO_SUCH,
  OTHER,
  post,
  USER,
} from './contract-case.ts'
import { signed } from './tokens.ts'

const SIGNED_IN = 'Orders are for who is signed in: without a good token they are 401.'
const hour = (): number => Math.floor(Date.now() / 1000) + 3_600
const sub = String(USER)

/** Tokens that are none, as they stand in the header. */
const BAD_TOKENS: readonly (readonly [string, () => Record<string, string>])[] = [
  ['no token', () => ({})],
  ['another scheme', () => ({ authorization: 'Basic dXNlcjpwYXNz' })],
  ['a token of no form', () => ({ authorization: 'Bearer abc' })],
  [
    'a token by another secret',
    () => bearerOf(signed({ sub, exp: hour() }, { secret: 'x'.repeat(32) })),
  ],
  ['a token that has expired', () => bearerOf(signed({ sub, exp: hour() - 7_200 }))],
  ['a token that never expires', () => bearerOf(signed({ sub }))],
  ['a token without an algorithm', () => bearerOf(signed({ sub, exp: hour() }, { alg: 'none' }))],
  ['a token of nobody', () => bearerOf(signed({ exp: hour() }))],
  ['a token of no user’s id', () => bearerOf(signed({ sub: '0', exp: hour() }))],
]
const bearerOf = (text: string) => ({ authorization: `Bearer ${text}` })

const UNSIGNED: readonly Case[] = BAD_TOKENS.flatMap(([what, headers]): Case[] => [
  {
    name: `view an order with ${what}`,
    template: '/orders/{number}',
    request: ({ number }) => get(`/orders/${number}`, headers()),
    status: 401,
    remedy: SIGNED_IN,
  },
  {
    name: `order with ${what}`,
    template: '/orders',
    request: ({ own, productId, itemId }) =>
      post(
        orderText({ number: `${own}-u`, productId, items: [{ id: itemId, quantity: 1 }] }),
        headers(),
      ),
    status: 401,
    remedy: SIGNED_IN,
  },
])

const orderText = (order: unknown): string => JSON.stringify(order)

const OTHERS: readonly Case[] = [
  {
    name: 'the order of somebody else',
    template: '/orders/{number}',
    request: ({ number }) => get(`/orders/${number}`, bearer(OTHER)),
    status: 404,
    remedy: 'An order of somebody else is 404, as if there were none.',
  },
  {
    name: 'unknown order',
    template: '/orders/{number}',
    request: ({ own }) => get(`/orders/${own}-none`, bearer(USER)),
    status: 404,
    remedy: 'A number that no order has is 404.',
  },
  {
    name: 'an order of a number that none can have',
    template: '/orders/{number}',
    request: () => get(`/orders/${'a'.repeat(65)}`, bearer(USER)),
    status: 404,
    remedy: 'A number that no order can have is 404.',
  },
]

const MALFORMED = 'A body that is no JSON object is 400.'
const RANGE = 'An order has 1 to 10 items, each once, of 1 to 100 pieces; anything else is 422.'

type OrderFields = Readonly<{ number?: unknown; productId?: unknown; items?: unknown }>

const order = (
  name: string,
  body: string | ((known: Readonly<Known>) => OrderFields),
  status: number,
  remedy: string,
  headers: () => Record<string, string> = () => ({}),
): Case => ({
  name,
  template: '/orders',
  request: (known) => {
    const { own, productId, itemId } = known
    const number = `${own}-x`
    const usual = { number, productId, items: [{ id: itemId, quantity: 1 }] }
    const text = typeof body === 'string' ? body : orderText({ ...usual, ...body(known) })
    return post(text, { ...bearer(USER), ...headers() })
  },
  status,
  remedy,
})

const one = (id: unknown, quantity: unknown = 1) => ({ items: [{ id, quantity }] })

/** Orders that must be refused, and with what: none of them leaves anything. */
const ORDER_CASES: readonly Case[] = [
  order('order of no JSON', '{"productId":1,', 400, MALFORMED),
  order('order of an array', '[]', 400, MALFORMED),
  order('order without a body', '', 400, MALFORMED),
  order('order without a number', () => ({ number: undefined }), 400, FIELD),
  order('order of a number with a space', () => ({ number: 'a b' }), 400, FIELD),
  order('order of a number of 65 letters', () => ({ number: 'a'.repeat(65) }), 400, FIELD),
  order('order of a number that is a number', () => ({ number: 7 }), 400, FIELD),
  order('order without a product', () => ({ productId: undefined }), 400, FIELD),
  order('order of a negative product', () => ({ productId: -1 }), 400, FIELD),
  order('order without items', () => ({ items: undefined }), 400, FIELD),
  order('order of items that are no list', () => ({ items: {} }), 400, FIELD),
  order('order of an item that is none', () => ({ items: [7] }), 400, FIELD),
  order('order without a quantity', ({ itemId }) => ({ items: [{ id: itemId }] }), 400, FIELD),
  order('order of a quantity that is text', ({ itemId }) => one(itemId, '1'), 400, FIELD),
  order('order of an item’s negative id', () => one(-1), 400, FIELD),
  order('order of no item', () => ({ items: [] }), 422, RANGE),
  order(
    'order of 11 items',
    () => ({ items: Array.from({ length: 11 }, (_, at) => ({ id: at + 1, quantity: 1 })) }),
    422,
    RANGE,
  ),
  order(
    'order of an item twice',
    ({ itemId }) => ({ items: [...one(itemId).items, ...one(itemId).items] }),
    422,
    RANGE,
  ),
  order('order of 0 pieces', ({ itemId }) => one(itemId, 0), 422, RANGE),
  order('order of 101 pieces', ({ itemId }) => one(itemId, 101), 422, RANGE),
  order('order of a huge quantity', ({ itemId }) => one(itemId, 2 ** 40), 422, RANGE),
  order(
    'order of an unknown product',
    () => ({ productId: Number.MAX_SAFE_INTEGER }),
    404,
    NO_SUCH,
  ),
  order(
    'order of a product that is not shown',
    () => ({ productId: 12, ...one(45) }),
    404,
    NO_SUCH,
  ),
  order(
    'order of an item of another product',
    () => one(40),
    422,
    'An item of another product is 422.',
  ),
  order(
    'order of an inactive item',
    () => ({ productId: 11, ...one(41) }),
    422,
    'An item that is not active is 422.',
  ),
  order(
    'order after the sale',
    () => ({ productId: 11, ...one(42) }),
    422,
    'An item whose sale is over is 422.',
  ),
  order(
    'order before the sale',
    () => ({ productId: 11, ...one(43) }),
    422,
    'An item whose sale has not begun is 422.',
  ),
  order(
    'order of an item that is sold out',
    () => ({ productId: 11, ...one(44) }),
    409,
    'More pieces than are left are 409.',
  ),
  order(
    'order of a number that is taken',
    ({ number }) => ({ number }),
    409,
    'A number that an order has is 409.',
  ),
  order(
    'order of somebody else’s number',
    ({ number }) => ({ number }),
    409,
    'A number that an order has is 409, whosever it is.',
    () => bearer(OTHER),
  ),
  order('order as text', '{}', 415, 'A body that is not application/json is 415.', () => ({
    'content-type': 'text/plain',
  })),
  {
    name: 'what was refused has left nothing',
    template: '/orders/{number}',
    request: ({ own }) => get(`/orders/${own}-x`, bearer(USER)),
    status: 404,
    remedy: 'An order that is refused leaves nothing, not even a pending order.',
  },
]

/** Those that have no good token, those of others, and those that are wrong. */
export const REFUSED_ORDERS: readonly Case[] = [...UNSIGNED, ...OTHERS, ...ORDER_CASES]
