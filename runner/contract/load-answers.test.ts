import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import fc from 'fast-check'
import { orderWith, PRODUCT_LIST, productWith } from '../../test/fixtures/shop-server.ts'
import { shopJourney } from '../../test/fixtures/shop.ts'
import type { Step } from '../scenario/journey.ts'
import { contractShapes } from './check.ts'

// What the load takes for good, by hand and fast, beside the contract's own schemas.

const shape = contractShapes(await readFile('services/contract.yaml', 'utf8'))

const PRODUCT = productWith(1)

const verdictOf = (step: Step, status: number, type: string, body: string) =>
  step.judge({ status, headers: ['content-type', type], body: Buffer.from(body) })

function after(step: Step, status: number, body: unknown): Step {
  const verdict = verdictOf(step, status, 'application/json', JSON.stringify(body))
  if (verdict.kind !== 'next') throw new Error(`no step after ${step.endpoint}`)
  return verdict.step
}

/** Each step with the path of the contract, its status and a right answer. */
const STEPS = (() => {
  const list = shopJourney.begin(() => 0)
  const view = after(list, 200, PRODUCT_LIST)
  const place = after(view, 200, PRODUCT)
  const { number } = JSON.parse(place.request.body ?? '')
  const order: object = JSON.parse(orderWith(number, 1))
  const read = after(place, 201, order)
  return [
    ['/products', list, 200, PRODUCT_LIST],
    ['/products/{id}', view, 200, PRODUCT],
    ['/orders', place, 201, order],
    ['/orders/{number}', read, 200, order],
  ] as const
})()

type Change = Readonly<{ place: readonly number[]; put: unknown }>

/** What may stand in a member's place; undefined takes it away. */
const put = fc.oneof(
  fc.constantFrom(undefined, null, '', 'eur', 'EUR', -1, 0, 1.5, true),
  fc.integer({ min: -2, max: 1_000 }),
  fc.jsonValue({ maxDepth: 1 }),
)
/** Which member, and which of its members; one more than there is adds one. */
const change: fc.Arbitrary<Change> = fc.record({
  place: fc.array(fc.nat(30), { minLength: 1, maxLength: 5 }),
  put,
})

function changed(value: unknown, { place: [at, ...rest], put: other }: Change): unknown {
  if (at === undefined || typeof value !== 'object' || value === null) return other
  const names = Array.isArray(value) ? Object.keys(value) : [...Object.keys(value), 'extra']
  const name = names[at % Math.max(1, names.length)] ?? '0'
  const next = changed(Reflect.get(value, name), { place: rest, put: other })
  return Array.isArray(value) ? value.with(Number(name), next) : { ...value, [name]: next }
}

test('whatever the contract’s schemas refuse, the load counts as failed, at every step', () => {
  let refused = 0
  fc.assert(
    fc.property(fc.constantFrom(...STEPS), change, ([template, step, status, right], how) => {
      const body = JSON.stringify(changed(right, how)) ?? ''
      const method = step.request.method
      const parsed: unknown = body === '' ? undefined : JSON.parse(body)
      const wrong = shape(template, method, status, 'application/json', parsed)
      if (wrong === null) return
      refused += 1
      const verdict = verdictOf(step, status, 'application/json', body)
      assert.deepEqual(verdict, { kind: 'failed', error: 'invalid-body' }, `${wrong}: ${body}`)
    }),
    { numRuns: 5_000 },
  )
  assert.ok(refused > 2_000, `${refused} of 5000 changes made an answer wrong`)
})

const text = fc.string({ minLength: 1 })
const amount = fc.nat(1e6)
const currency = fc.stringMatching(/^[A-Z]{3}$/)
/** Items of one currency, with the ids of the fixture; on sale only where some are left. */
const items = (ids: readonly number[]) =>
  fc
    .record({
      currency,
      each: fc.tuple(
        ...ids.map(() =>
          fc.record({
            name: text,
            cost: fc.nat(1e6),
            share: fc.nat(200),
            sold: amount,
            left: amount,
          }),
        ),
      ),
    })
    .map(({ currency: of, each }) =>
      each.map(({ name, cost, share, sold, left }, at) => {
        // The contract's cost is positive.
        const costMinor = cost + 1
        const priceMinor = Math.floor((costMinor * share) / 100)
        return {
          id: ids[at],
          name,
          cost: { amountMinor: costMinor, currency: of },
          price: { amountMinor: priceMinor, currency: of },
          discountPercent: Math.round((100 * (costMinor - priceMinor)) / costMinor),
          // The journey needs something that it can order.
          onSale: at === 0,
          stock: sold + left + 1,
          sold,
        }
      }),
    )

test('what the contract’s schemas take, and what agrees with itself, the load takes', () => {
  const time = fc.constantFrom(
    '2026-11-30T10:00:00Z',
    '2026-11-30T10:00:00.123456+00:00',
    '2026-11-30T10:00:00.1-08:00',
  )
  const order = fc.record({ amount, currency, name: text, createdAt: time }).map((of) => {
    const price = { amountMinor: of.amount, currency: of.currency }
    const pieces = [{ id: of.amount + 1, itemId: 1, name: of.name, price }]
    return { ...STEPS[2][3], pieces, total: price, createdAt: of.createdAt }
  })
  const list = fc
    .record({ name: text, amount, currency })
    .map(({ name, amount: amountMinor, ...of }) => {
      const onSale = { id: 1, name, lowestPrice: { amountMinor, ...of }, onSale: true }
      return { products: [onSale, { id: 2, name, lowestPrice: null, onSale: false }] }
    })
  const viewed = fc
    .record({ name: text, description: fc.string(), items: items([1, 2, 3, 4]) })
    .map((of) => ({ id: 1, ...of }))
  const type = fc.constantFrom('application/json', 'application/json; charset=utf-8')
  fc.assert(
    fc.property(list, viewed, order, type, (listed, product, placed, as) => {
      const bodies = [listed, product, placed, placed]
      for (const [at, body] of bodies.entries()) {
        // Each step as it was made once: the number of the order is another each time.
        const [template, step, status] = STEPS[at] ?? STEPS[0]
        assert.equal(shape(template, step.request.method, status, as, body), null)
        const verdict = verdictOf(step, status, as, JSON.stringify(body))
        if (at === 3) continue
        assert.equal(verdict.kind, 'next', JSON.stringify(body))
        const read = at === 2 && verdict.kind === 'next' ? verdict.step : null
        const again = read && verdictOf(read, 200, as, JSON.stringify(body))
        assert.ok(again === null || again.kind === 'complete', JSON.stringify(body))
      }
    }),
    { numRuns: 300 },
  )
})
