import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import fc from 'fast-check'
import { orderWith, pageFrom, productWith } from '../../test/fixtures/shop-server.ts'
import { shopJourney } from '../../test/fixtures/shop.ts'
import type { Step } from '../scenario/journey.ts'
import { contractShapes } from './check.ts'

// What the load takes for good, by hand and fast, beside the contract's own schemas.

const shape = contractShapes(await readFile('services/contract.yaml', 'utf8'))

const PRODUCT = productWith(1)
const ORDER: object = JSON.parse(orderWith(99, 1))

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
  const view = after(list, 200, pageFrom(0))
  const place = after(view, 200, PRODUCT)
  const read = after(place, 201, ORDER)
  return [
    ['/products', list, 200, pageFrom(0)],
    ['/products/{id}', view, 200, PRODUCT],
    ['/orders', place, 201, ORDER],
    ['/orders/{id}', read, 200, ORDER],
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
  place: fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }),
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
const product = (id: number) =>
  fc
    .record({ name: text, description: fc.string(), amount, currency, sold: amount, left: amount })
    .map(({ name, description, sold, left, ...price }) => {
      const { amount: amountMinor } = price
      const of = { amountMinor, currency: price.currency }
      return { id, name, description, price: of, stock: sold + left, sold }
    })

test('what the contract’s schemas take, and what agrees with itself, the load takes', () => {
  const time = fc.constantFrom(
    '2026-11-30T10:00:00Z',
    '2026-11-30T10:00:00.123456+00:00',
    '2026-11-30T10:00:00.1-08:00',
  )
  const order = fc.record({ amount, currency, createdAt: time }).map(({ createdAt, ...price }) => {
    const unitPrice = { amountMinor: price.amount, currency: price.currency }
    return { ...ORDER, unitPrice, total: unitPrice, createdAt }
  })
  const items = fc.tuple(...pageFrom(0).items.map(({ id }) => product(id)))
  const type = fc.constantFrom('application/json', 'application/json; charset=utf-8')
  fc.assert(
    fc.property(items, product(1), order, type, (all, viewed, placed, as) => {
      const bodies = [{ ...pageFrom(0), items: all }, viewed, placed, placed]
      let step = STEPS[0][1]
      for (const [at, body] of bodies.entries()) {
        const [template, , status] = STEPS[at] ?? STEPS[0]
        assert.equal(shape(template, step.request.method, status, as, body), null)
        const verdict = verdictOf(step, status, as, JSON.stringify(body))
        assert.equal(verdict.kind, at < 3 ? 'next' : 'complete', JSON.stringify(body))
        if (verdict.kind === 'next') step = verdict.step
      }
    }),
    { numRuns: 300 },
  )
})
