import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commerceJourney, type Step } from './journey.ts'
import { createStream } from './random.ts'

const answer = (status: number, body: unknown) => ({
  status,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
})

/** The step after `step`, if its answer is `body`. */
function following(step: Step, status: number, body: unknown): Step {
  const verdict = step.judge(answer(status, body))
  if (verdict.kind !== 'next') throw new Error(`no next step: ${JSON.stringify(verdict)}`)
  return verdict.step
}

const first = (): Step => commerceJourney(() => 0)
const second = (): Step => following(first(), 200, { items: [{ id: 7 }] })
const third = (): Step => following(second(), 200, { id: 7 })
const fourth = (): Step => following(third(), 201, { id: 99, productId: 7, quantity: 1 })

test('four steps, each made from the answer before', () => {
  const steps = [first(), second(), third(), fourth()]
  assert.deepEqual(
    steps.map(({ endpoint, request, orderedQuantity }) => [endpoint, request, orderedQuantity]),
    [
      ['list-products', { method: 'GET', path: '/products?limit=20&offset=0' }, undefined],
      ['view-product', { method: 'GET', path: '/products/7' }, undefined],
      ['place-order', { method: 'POST', path: '/orders', body: '{"productId":7,"quantity":1}' }, 1],
      ['view-order', { method: 'GET', path: '/orders/99' }, undefined],
    ],
  )
  const end = fourth().judge(answer(200, { id: 99, productId: 7, quantity: 1 }))
  assert.deepEqual(end, { kind: 'complete' })
})

const ids = (count: number) => Array.from({ length: count }, (_, index) => ({ id: index + 1 }))

/** What is wrong, the step, the status, the body. */
const WRONG: readonly (readonly [string, () => Step, number, unknown])[] = [
  ['no JSON', first, 200, '<html>'],
  ['an empty body', first, 200, ''],
  ['JSON null', first, 200, null],
  ['a list without items', first, 200, {}],
  ['items that are no list', first, 200, { items: 'many' }],
  ['an empty list', first, 200, { items: [] }],
  ['more items than asked for', first, 200, { items: ids(21) }],
  ['an item without an id', first, 200, { items: [{ id: 1 }, {}] }],
  ['an id in a string', first, 200, { items: [{ id: '1' }] }],
  ['an id with a fraction', first, 200, { items: [{ id: 1.5 }] }],
  ['an item that is null', first, 200, { items: [null] }],
  ['another product', second, 200, { id: 8 }],
  ['an order without an id', third, 201, { productId: 7, quantity: 1 }],
  ['an order of another product', third, 201, { id: 99, productId: 8, quantity: 1 }],
  ['an order of another quantity', third, 201, { id: 99, productId: 7, quantity: 2 }],
  ['another order', fourth, 200, { id: 98, productId: 7, quantity: 1 }],
  ['the order with another product', fourth, 200, { id: 99, productId: 8, quantity: 1 }],
]

for (const [what, step, status, body] of WRONG) {
  test(`${what} is an invalid body`, () => {
    assert.deepEqual(step().judge(answer(status, body)), { kind: 'failed', error: 'invalid-body' })
  })
}

test('any status but the promised one is a class of its own, whatever the body', () => {
  const order = { id: 99, productId: 7, quantity: 1 }
  const cases: readonly (readonly [Step, number, unknown])[] = [
    [first(), 302, ''],
    [first(), 503, 'busy'],
    [second(), 404, {}],
    [third(), 200, order],
    [third(), 409, {}],
    [fourth(), 201, order],
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
  const products = new Map<string, number>()
  for (let user = 0; user < 5000; user += 1) {
    const list = commerceJourney(createStream(1, user))
    const view = following(list, 200, { items: ids(20) })
    pages.set(list.request.path, (pages.get(list.request.path) ?? 0) + 1)
    products.set(view.request.path, (products.get(view.request.path) ?? 0) + 1)
  }
  assert.equal(pages.size, 50)
  assert.ok(pages.has('/products?limit=20&offset=980'))
  assert.ok(
    [...pages.values()].every((count) => count > 50 && count < 160),
    'about 100 each',
  )
  assert.equal(products.size, 20)
  assert.ok(
    [...products.values()].every((count) => count > 180 && count < 330),
    'about 250 each',
  )
})
