import assert from 'node:assert/strict'
import { test } from 'node:test'
import { orderWith, PRODUCT_LIST, productWith } from '../fixtures/shop-server.ts'
import { shopJourney } from '../fixtures/shop.ts'
import type { Step } from '../../runner/scenario/journey.ts'
import { createStream } from '../../runner/load/random.ts'

const JSON_HEADERS = ['Content-Length', '9', 'Content-Type', 'application/json']

const answer = (status: number, body: unknown, headers: readonly string[] = JSON_HEADERS) => ({
  status,
  headers,
  body: Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
})

/** The step after `step`, if its answer is `body`. */
function following(step: Step, status: number, body: unknown): Step {
  const verdict = step.judge(answer(status, body))
  if (verdict.kind !== 'next') throw new Error(`no next step: ${JSON.stringify(verdict)}`)
  return verdict.step
}

/** All draws are 0.4: user 4001, the fifth product, and the second of its items. */
const [PRODUCT, ITEM, USER] = [5, 18, 4_001]
const VIEWED = productWith(PRODUCT)

const first = (): Step => shopJourney.begin(() => 0.4)
const second = (): Step => following(first(), 200, PRODUCT_LIST)
const third = (): Step => following(second(), 200, VIEWED)

/** The number that the journey chose, which comes of no seed. */
const numberIn = ({ request }: Step): string => JSON.parse(request.body ?? '{}').number
const orderFor = (step: Step) => JSON.parse(orderWith(numberIn(step), ITEM))
/** Who places an order, and what is answered. */
function placed() {
  const place = third()
  return { place, order: orderFor(place) }
}
function fourth(): Step {
  const { place, order } = placed()
  return following(place, 201, order)
}
const numberOf = ({ request: { path } }: Step): string => path.split('/').at(-1) ?? ''

/** The claims of the token that goes with a request. */
function claimsIn({ request: { headers = '' } }: Step) {
  const [, claims = ''] = /^Authorization: Bearer [\w-]+\.([\w-]+)\.[\w-]+\r\n$/.exec(headers) ?? []
  return JSON.parse(Buffer.from(claims, 'base64url').toString())
}

test('four steps, each made from the answer before; those of orders by a token of the user', () => {
  const { place, order } = placed()
  const number = numberIn(place)
  const view = following(place, 201, order)
  const steps = [first(), second(), place, view]
  assert.deepEqual(
    steps.map(({ endpoint, request: { method, path, body }, orderedQuantity }) => {
      return [endpoint, method, path, body, orderedQuantity]
    }),
    [
      ['list-products', 'GET', '/products', undefined, undefined],
      ['view-product', 'GET', `/products/${PRODUCT}`, undefined, undefined],
      [
        'place-order',
        'POST',
        '/orders',
        `{"number":"${number}","productId":${PRODUCT},"items":[{"id":${ITEM},"quantity":1}]}`,
        1,
      ],
      ['view-order', 'GET', `/orders/${number}`, undefined, undefined],
    ],
  )
  for (const step of steps.slice(0, 2)) assert.equal(step.request.headers, undefined)
  for (const step of steps.slice(2)) {
    const { sub, exp } = claimsIn(step)
    assert.equal(sub, String(USER))
    assert.ok(exp > Date.now() / 1000 + 3_600, 'it lasts longer than a trial')
  }
  assert.deepEqual(view.judge(answer(200, order)), { kind: 'complete' })
})

test('no two orders have a number, whatever the seed', () => {
  const numbers = Array.from({ length: 100 }, () => numberIn(third()))
  assert.equal(new Set(numbers).size, 100)
  assert.ok(numbers.every((number) => /^[A-Za-z0-9-]{1,64}$/.test(number)))
})

const [ENTRY] = PRODUCT_LIST.products
const [ITEM_1, ITEM_2] = VIEWED.items
/** The list with another first entry. */
const listWith = (change: object) => ({
  products: [{ ...ENTRY, ...change }, ...PRODUCT_LIST.products.slice(1)],
})
/** The product with another first item. */
const viewedWith = (change: object) => ({
  ...VIEWED,
  items: [{ ...ITEM_1, ...change }, ...VIEWED.items.slice(1)],
})
const money = (amountMinor: number, currency = 'EUR') => ({ amountMinor, currency })
/** A name that holds a byte which no UTF-8 has. */
const notUtf8 = (body: unknown): Buffer =>
  Buffer.from(JSON.stringify(body).replace('Event', 'Ev\xffnt'), 'latin1')

/** What is wrong, the step, the status, the body. */
const WRONG: readonly (readonly [string, () => Step, number, unknown])[] = [
  ['no JSON', first, 200, '<html>'],
  ['an empty body', first, 200, ''],
  ['JSON null', first, 200, null],
  ['JSON that is a list', first, 200, [PRODUCT_LIST]],
  ['JSON after a byte order mark', first, 200, `\ufeff${JSON.stringify(PRODUCT_LIST)}`],
  ['a list in a byte that is no UTF-8', first, 200, notUtf8(PRODUCT_LIST)],
  ['a product in a byte that is no UTF-8', second, 200, notUtf8(VIEWED)],
  ['a list without products', first, 200, {}],
  ['products that are no list', first, 200, { products: 'many' }],
  ['an empty list', first, 200, { products: [] }],
  ['a list with a member too many', first, 200, { ...PRODUCT_LIST, total: 10 }],
  ['products out of order', first, 200, { products: PRODUCT_LIST.products.toReversed() }],
  ['the same product twice', first, 200, { products: [ENTRY, ENTRY] }],
  ['products of an id alone', first, 200, listWith({ name: undefined })],
  ['a product that is null', first, 200, { products: [null] }],
  ['an id in a string', first, 200, listWith({ id: '1' })],
  ['an id with a fraction', first, 200, listWith({ id: 0.5 })],
  ['a price of what is not on sale', first, 200, listWith({ onSale: false })],
  ['what is on sale without a price', first, 200, listWith({ lowestPrice: null })],
  [
    'nothing that is on sale',
    first,
    200,
    {
      products: [{ ...ENTRY, lowestPrice: null, onSale: false }],
    },
  ],
  ['another product', second, 200, productWith(PRODUCT + 1)],
  ['a product of an id alone', second, 200, { id: PRODUCT }],
  ['a product with an empty name', second, 200, { ...VIEWED, name: '' }],
  ['a product with a member too many', second, 200, { ...VIEWED, cached: true }],
  ['a product without items', second, 200, { ...VIEWED, items: [] }],
  ['items out of order', second, 200, { ...VIEWED, items: [ITEM_2, ITEM_1] }],
  ['an item of an id alone', second, 200, { ...VIEWED, items: [{ id: ITEM }] }],
  ['an item without a currency', second, 200, viewedWith({ price: { amountMinor: 1 } })],
  ['a price with a fraction', second, 200, viewedWith({ price: money(1.5) })],
  ['a currency that is none', second, 200, viewedWith({ price: money(1999, 'euro') })],
  [
    'a price in another currency than the cost',
    second,
    200,
    viewedWith({ price: money(1999, 'USD') }),
  ],
  ['a discount that is not that of the prices', second, 200, viewedWith({ discountPercent: 49 })],
  ['more sold than there were', second, 200, viewedWith({ stock: 1, sold: 2 })],
  ['a sold out item on sale', second, 200, viewedWith({ stock: 1, sold: 1 })],
]

for (const [what, step, status, body] of WRONG) {
  test(`${what} is an invalid body`, () => {
    assert.deepEqual(step().judge(answer(status, body)), { kind: 'failed', error: 'invalid-body' })
  })
}

type Order = ReturnType<typeof orderFor>

/** What is wrong with an order, as it is placed and as it is viewed. */
const WRONG_ORDERS: readonly (readonly [string, (order: Order) => unknown])[] = [
  ['an order of a number alone', ({ number }) => ({ number })],
  ['an order of another number', (order) => ({ ...order, number: 'another' })],
  ['an order that is pending', (order) => ({ ...order, status: 'pending' })],
  ['an order of another product', (order) => ({ ...order, productId: 8 })],
  ['an order without pieces', (order) => ({ ...order, pieces: [] })],
  ['an order of more pieces', (order) => ({ ...order, pieces: [...order.pieces, PIECE] })],
  [
    'an order of another item',
    (order) => ({ ...order, pieces: [{ ...order.pieces[0], itemId: 1 }] }),
  ],
  ['an order whose total is not its price', (order) => ({ ...order, total: money(1998) })],
  ['an order in two currencies', (order) => ({ ...order, total: money(1999, 'USD') })],
  ['an order without a time', (order) => ({ ...order, createdAt: 'today' })],
]
const PIECE = { id: 99, itemId: ITEM, name: 'Row', price: money(1999) }

for (const [what, change] of WRONG_ORDERS) {
  test(`${what} is an invalid body, placed and viewed`, () => {
    const { place, order } = placed()
    const wrong = { kind: 'failed', error: 'invalid-body' }
    assert.deepEqual(place.judge(answer(201, change(order))), wrong)
    assert.deepEqual(following(place, 201, order).judge(answer(200, change(order))), wrong)
  })
}

test('the order that is viewed is the one that was placed, piece by piece', () => {
  const { place, order } = placed()
  const view = following(place, 201, order)
  const [piece] = order.pieces
  const others = [
    { ...order, pieces: [{ ...piece, id: piece.id + 1 }] },
    { ...order, pieces: [{ ...piece, price: money(5) }], total: money(5) },
  ]
  for (const other of others) assert.equal(view.judge(answer(200, other)).kind, 'failed')
  const later = { ...order, createdAt: '2026-01-01T01:00:00+01:00' }
  assert.equal(view.judge(answer(200, later)).kind, 'complete', 'the same time in other words')
})

const TYPES: readonly (readonly [readonly string[], boolean])[] = [
  [[], false],
  [['Content-Length', '9'], false],
  [['Content-Type', ''], false],
  [['Content-Type', 'text/html'], false],
  [['Content-Type', 'application/jsonp'], false],
  [['Content-Type', 'application/problem+json'], false],
  [['X-Type', 'content-type', 'X-Other', 'application/json'], false],
  [['content-type', 'application/json'], true],
  [['CONTENT-TYPE', 'Application/JSON; charset=utf-8'], true],
]

test('an answer of another content type, or of none, is an invalid body, at every step', () => {
  const place = third()
  const order = orderFor(place)
  const steps: [Step, number, unknown][] = [
    [first(), 200, PRODUCT_LIST],
    [second(), 200, VIEWED],
    [place, 201, order],
    [following(place, 201, order), 200, order],
  ]
  for (const [step, status, body] of steps) {
    for (const [headers, isGood] of TYPES) {
      const verdict = step.judge(answer(status, body, headers))
      assert.equal(verdict.kind !== 'failed', isGood, headers.join(': '))
    }
  }
})

test('any status but the promised one is a class of its own, whatever the body', () => {
  const cases: readonly (readonly [Step, number, unknown])[] = [
    [first(), 302, ''],
    [first(), 503, 'busy'],
    [second(), 404, {}],
    [third(), 200, {}],
    [third(), 409, {}],
    [fourth(), 201, {}],
  ]
  for (const [step, status, body] of cases) {
    assert.deepEqual(step.judge(answer(status, body)), {
      kind: 'failed',
      error: `status-${status}`,
    })
  }
})

test('users, products and items are drawn alike, by the seed', () => {
  const counts = [new Map<string, number>(), new Map<string, number>()] as const
  const users = new Set<string>()
  const count = (of: Map<string, number>, key: string): void =>
    void of.set(key, (of.get(key) ?? 0) + 1)
  for (let user = 0; user < 5_000; user += 1) {
    const view = following(shopJourney.begin(createStream(1, user)), 200, PRODUCT_LIST)
    const place = following(view, 200, productWith(Number(numberOf(view))))
    count(counts[0], numberOf(view))
    count(counts[1], JSON.parse(place.request.body ?? '').items[0].id)
    users.add(claimsIn(place).sub)
  }
  assert.deepEqual([counts[0].size, counts[1].size], [10, 40])
  const even = (of: Map<string, number>, low: number, high: number): boolean =>
    [...of.values()].every((times) => times > low && times < high)
  assert.ok(even(counts[0], 400, 600), 'about 500 each')
  assert.ok(even(counts[1], 80, 170), 'about 125 each')
  // Of 10,000, as many as chance gives: 10,000 (1 - e^-0.5) = 3,935.
  assert.ok(users.size > 3_800 && users.size < 4_070, `${users.size} users`)
})

test('what cannot be bought is neither viewed nor ordered', () => {
  const sale = { lowestPrice: null, onSale: false }
  const products = PRODUCT_LIST.products.map((each) =>
    each.id === 7 ? each : { ...each, ...sale },
  )
  const view = following(first(), 200, { products })
  assert.equal(numberOf(view), '7')
  const items = productWith(7).items.map((item, at) =>
    at === 3 ? item : { ...item, onSale: false },
  )
  const place = following(view, 200, { ...productWith(7), items })
  assert.deepEqual(JSON.parse(place.request.body ?? '').items, [{ id: 28, quantity: 1 }])
  const none = productWith(7).items.map((item) => ({ ...item, onSale: false }))
  assert.equal(view.judge(answer(200, { ...productWith(7), items: none })).kind, 'failed')
})
