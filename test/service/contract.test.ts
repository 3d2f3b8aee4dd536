import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { checkContract } from '../../runner/contract/check.ts'
import { MODES } from '../../services/commerce/config.ts'
import { call, order } from './testing/client.ts'
import { contractResponses } from './testing/contract.ts'
import { type ServiceDatabase, startDatabase } from './testing/database.ts'
import { type StartedService, startService } from './testing/service.ts'
import { shopContract } from '../fixtures/shop.ts'

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

    test('a page tells where the next begins, and the last that there is none', async () => {
      const page = async (query: string): Promise<unknown> =>
        (await call(`${service.url}/products?${query}`)).body['nextOffset']
      assert.equal(await page('limit=100&offset=0'), 100)
      assert.equal(await page('limit=100&offset=899'), 999)
      assert.equal(await page('limit=100&offset=900'), null)
      assert.equal(await page('limit=1&offset=1000000'), null)
    })

    test('an order is what was asked for, at the price of the product', async () => {
      const { body: product } = await call(`${service.url}/products/8`)
      const { amountMinor, currency } = product['price'] as {
        amountMinor: number
        currency: string
      }
      const { body, headers } = await order(service.url, { productId: 8, quantity: 3 })
      assert.deepEqual(body['total'], { amountMinor: 3 * amountMinor, currency })
      assert.ok(Math.abs(Date.parse(String(body['createdAt'])) - Date.now()) < 60_000)
      const { body: again } = await call(new URL(headers.get('location') ?? '', service.url).href)
      assert.deepEqual(again, body)
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
    const [path, method, status, type] = ['/orders/{id}', 'get', 200, 'application/json'] as const
    const amount = { amountMinor: 1, currency: 'EUR' }
    const rest = { id: 1, productId: 1, quantity: 1, unitPrice: amount, total: amount }
    const faultOf = (at: string) =>
      contract.faultOf({ path, method, status, type, body: { ...rest, createdAt: at } })
    assert.equal(faultOf('2024-07-01T09:30:00.123+02:00'), undefined)
    assert.match(faultOf(createdAt) ?? '', /^\/createdAt must match/)
  })
