import assert from 'node:assert/strict'
import { test } from 'node:test'
import { orderWith, pageFrom, productWith } from '../fixtures/shop-server.ts'
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

/** All draws are 0.4: products 401 to 420 are listed, and 409 is viewed. */
const [OFFSET, PRODUCT] = [400, 409]
const PAGE = pageFrom(OFFSET)
const VIEWED = productWith(PRODUCT)
const ORDER = JSON.parse(orderWith(99, PRODUCT))

const first = (): Step => shopJourney.begin(() => 0.4)
const second = (): Step => following(first(), 200, PAGE)
const third = (): Step => following(second(), 200, VIEWED)
const fourth = (): Step => following(third(), 201, ORDER)

test('four steps, each made from the answer before', () => {
  const steps = [first(), second(), third(), fourth()]
  assert.deepEqual(
    steps.map(({ endpoint, request, orderedQuantity }) => [endpoint, request, orderedQuantity]),
    [
      ['list-products', { method: 'GET', path: '/products?limit=20&offset=400' }, undefined],
      ['view-product', { method: 'GET', path: '/products/409' }, undefined],
      [
        'place-order',
        { method: 'POST', path: '/orders', body: '{"productId":409,"quantity":1}' },
        1,
      ],
      ['view-order', { method: 'GET', path: '/orders/99' }, undefined],
    ],
  )
  const end = fourth().judge(answer(200, ORDER))
  assert.deepEqual(end, { kind: 'complete' })
})

/** The page with other items. */
const withItems = (change: (item: object, at: number) => unknown) => ({
  ...PAGE,
  items: PAGE.items.map((item, at) => change(item, at)),
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
  ['JSON that is a list', first, 200, [PAGE]],
  ['JSON after a byte order mark', first, 200, `\ufeff${JSON.stringify(PAGE)}`],
  ['a list in a byte that is no UTF-8', first, 200, notUtf8(PAGE)],
  ['a product in a byte that is no UTF-8', second, 200, notUtf8(VIEWED)],
  ['a list without items', first, 200, {}],
  ['items alone', first, 200, { items: PAGE.items }],
  ['items that are no list', first, 200, { ...PAGE, items: 'many' }],
  ['an empty list', first, 200, { ...PAGE, items: [] }],
  ['one item in place of twenty', first, 200, { ...PAGE, items: PAGE.items.slice(0, 1) }],
  ['nineteen items', first, 200, { ...PAGE, items: PAGE.items.slice(1) }],
  ['more items than asked for', first, 200, { ...PAGE, items: [...PAGE.items, productWith(421)] }],
  ['the same item twenty times', first, 200, withItems(() => productWith(401))],
  ['items out of order', first, 200, { ...PAGE, items: PAGE.items.toReversed() }],
  ['items of an id alone', first, 200, withItems((_, at) => ({ id: OFFSET + at + 1 }))],
  ['the last item of an id alone', first, 200, withItems((x, at) => (at < 19 ? x : { id: 420 }))],
  ['an item that is null', first, 200, withItems((item, at) => (at === 7 ? null : item))],
  ['an offset that is ignored', first, 200, { ...pageFrom(0), offset: OFFSET, nextOffset: 420 }],
  ['another page, as it says', first, 200, pageFrom(0)],
  ['another limit', first, 200, { ...PAGE, limit: 100 }],
  ['a last page before the end', first, 200, { ...PAGE, nextOffset: null }],
  ['an id in a string', first, 200, withItems((item, at) => ({ ...item, id: `${401 + at}` }))],
  ['an id with a fraction', first, 200, withItems((item, at) => ({ ...item, id: 401.5 + at }))],
  ['another product', second, 200, productWith(PRODUCT + 1)],
  ['a product of an id alone', second, 200, { id: PRODUCT }],
  ['a product with an empty name', second, 200, { ...VIEWED, name: '' }],
  ['a product without a currency', second, 200, { ...VIEWED, price: { amountMinor: 1 } }],
  ['a price with a fraction', second, 200, { ...VIEWED, price: money(1.5) }],
  ['a currency that is none', second, 200, { ...VIEWED, price: money(1999, 'euro') }],
  ['more sold than there were', second, 200, { ...VIEWED, stock: 1, sold: 2 }],
  ['a product with a member too many', second, 200, { ...VIEWED, cached: true }],
  ['an order of an id alone', third, 201, { id: 99 }],
  ['an order without an id', third, 201, { ...ORDER, id: undefined }],
  ['an order of another product', third, 201, { ...ORDER, productId: 8 }],
  ['an order of another quantity', third, 201, { ...ORDER, quantity: 2 }],
  ['an order whose total is not its price', third, 201, { ...ORDER, total: money(1998) }],
  ['an order in two currencies', third, 201, { ...ORDER, total: money(1999, 'USD') }],
  ['an order without a time', third, 201, { ...ORDER, createdAt: 'today' }],
  ['another order', fourth, 200, { ...ORDER, id: 98 }],
  ['the order with another product', fourth, 200, { ...ORDER, productId: 8 }],
  ['the order at another price', fourth, 200, { ...ORDER, unitPrice: money(5), total: money(5) }],
]

for (const [what, step, status, body] of WRONG) {
  test(`${what} is an invalid body`, () => {
    assert.deepEqual(step().judge(answer(status, body)), { kind: 'failed', error: 'invalid-body' })
  })
}

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
  const steps: [() => Step, number, unknown][] = [
    [first, 200, PAGE],
    [second, 200, VIEWED],
    [third, 201, ORDER],
    [fourth, 200, ORDER],
  ]
  for (const [step, status, body] of steps) {
    for (const [headers, isGood] of TYPES) {
      const verdict = step().judge(answer(status, body, headers))
      assert.equal(verdict.kind !== 'failed', isGood, headers.join(': '))
    }
  }
})

test('the last page has no next offset', () => {
  const last = () => shopJourney.begin(() => 0.99)
  assert.equal(last().request.path, '/products?limit=20&offset=980')
  assert.equal(last().judge(answer(200, pageFrom(980))).kind, 'next')
  const more = { ...pageFrom(980), nextOffset: 1000 }
  assert.equal(last().judge(answer(200, more)).kind, 'failed')
})

test('any status but the promised one is a class of its own, whatever the body', () => {
  const cases: readonly (readonly [Step, number, unknown])[] = [
    [first(), 302, ''],
    [first(), 503, 'busy'],
    [second(), 404, {}],
    [third(), 200, ORDER],
    [third(), 409, {}],
    [fourth(), 201, ORDER],
  ]
  for (const [step, status, body] of cases) {
    assert.deepEqual(step.judge(answer(status, body)), {
      kind: 'failed',
      error: `status-${status}`,
    })
  }
})

test('pages and products are spread evenly, by the seed', () => {
  const pages = new Map<string, number>()
  const places = new Map<string, number>()
  for (let user = 0; user < 5000; user += 1) {
    const list = shopJourney.begin(createStream(1, user))
    const offset = Number(list.request.path.split('=').at(-1))
    const view = following(list, 200, pageFrom(offset))
    const place = String(Number(view.request.path.split('/').at(-1)) - offset)
    pages.set(list.request.path, (pages.get(list.request.path) ?? 0) + 1)
    places.set(place, (places.get(place) ?? 0) + 1)
  }
  assert.equal(pages.size, 50)
  assert.ok(pages.has('/products?limit=20&offset=980'))
  assert.ok(
    [...pages.values()].every((count) => count > 50 && count < 160),
    'about 100 each',
  )
  assert.equal(places.size, 20)
  assert.ok(
    [...places.values()].every((count) => count > 180 && count < 330),
    'about 250 each',
  )
})
