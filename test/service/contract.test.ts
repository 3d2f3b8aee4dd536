import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { checkContract } from '../../runner/contract/check.ts'
import { MODES } from '../../services/commerce/config.ts'
import { call, order } from './testing/client.ts'
import { contractResponses } from './testing/contract.ts'
import { type ServiceDatabase, startDatabase } from './testing/database.ts'
import { startFloor, type StartedService, startService } from './testing/service.ts'
import { shopContract, signedIn } from '../fixtures/shop.ts'

type Money = Readonly<{ amountMinor: number; currency: string }>

let database: ServiceDatabase
before(async () => {
  database = await startDatabase()
})
after(() => database.stop())

for (const DB_MODE of MODES) {
  describe(DB_MODE, () => {
    let service: StartedService
    before(async () => {
      service = await startService({ DB_MODE, DATABASE_URL: database.url })
    })
    after(() => service.stop())

    test('keeps the contract, case by case', async () => {
      assert.deepEqual(await checkContract(service.url, shopContract), [])
    })

    test('says in what mode and on what it runs', async () => {
      const { body } = await call(`${service.url}/healthz`)
      assert.equal(body['mode'], DB_MODE)
      assert.equal((body['versions'] as Record<string, string>)['node'], process.versions.node)
      assert.equal((await call(`${service.url}/readyz`)).status, 200)
    })

    test('an order is what was asked for, piece by piece, at the price of each item', async () => {
      const { body: product } = await call(`${service.url}/products/8`)
      const [first, second] = product['items'] as { id: number; name: string; price: Money }[]
      assert.ok(first && second)
      const items = [
        { id: second.id, quantity: 1 },
        { id: first.id, quantity: 2 },
      ]
      const placed = await order(service.url, { productId: 8, items }, { user: 7 })
      const { pieces, total, createdAt } = placed.body as {
        pieces: { id: number }[]
        total: Money
        createdAt: string
      }
      const asked = [second, first, first].map(({ id: itemId, name, price }, at) => {
        return { id: pieces[at]?.id, itemId, name, price }
      })
      assert.deepEqual(pieces, asked)
      const amountMinor = second.price.amountMinor + 2 * first.price.amountMinor
      assert.deepEqual(total, { amountMinor, currency: first.price.currency })
      assert.ok(Math.abs(Date.parse(createdAt) - Date.now()) < 60_000)
      const location = new URL(placed.headers.get('location') ?? '', service.url).href
      const again = await call(location, { headers: signedIn(7) })
      assert.deepEqual(again.body, placed.body)
    })

    test('HEAD is GET without the body', async () => {
      for (const [path, status] of [
        ['products/7', 200],
        ['products/x', 400],
        ['orders', 405],
      ] as const) {
        const response = await fetch(`${service.url}/${path}`, { method: 'HEAD' })
        assert.equal(response.status, status)
        assert.equal(await response.text(), '')
      }
    })
  })
}

test('the floor keeps the contract, case by case', async () => {
  await using service = await startFloor({ DATABASE_URL: database.url })
  assert.deepEqual(await checkContract(service.url, shopContract), [])
})

test('the examples in the contract are valid by it', async () => {
  const contract = await contractResponses()
  assert.deepEqual(contract.invalidExamples(), [])
})

for (const [fault, createdAt] of [
  ['no time zone', '2024-07-01T09:30:00'],
  ['a place beside its time zone', '2024-07-01T09:30:00Z[Europe/Berlin]'],
  ['no T', '2024-07-01 09:30:00Z'],
  ['a 13th month', '2024-13-01T09:30:00Z'],
] as const)
  test(`an order whose time has ${fault} is not as the contract says`, async () => {
    const contract = await contractResponses()
    const [path, method, status, type] = [
      '/orders/{number}',
      'get',
      200,
      'application/json',
    ] as const
    const amount = { amountMinor: 1, currency: 'EUR' }
    const pieces = [{ id: 1, itemId: 1, name: 'Row 1', price: amount }]
    const rest = { number: '1', status: 'completed', productId: 1, pieces, total: amount }
    const faultOf = (at: string) =>
      contract.faultOf({ path, method, status, type, body: { ...rest, createdAt: at } })
    assert.equal(faultOf('2024-07-01T09:30:00.123+02:00'), undefined)
    assert.match(faultOf(createdAt) ?? '', /^\/createdAt must match/)
  })
