import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { MODES } from '../../services/commerce/config.ts'
import { call, order, piecesOf, viewOrder } from './testing/client.ts'
import { type ServiceDatabase, startDatabase } from './testing/database.ts'
import { startFloor, startService } from './testing/service.ts'

/**
 * Who prepares is seen in the server's log: `execute NAME: …` names the prepared statement that ran, and
 * one without a name is `<unnamed>`. pg_prepared_statements shows each session its own alone.
 */
let database: ServiceDatabase
before(async () => {
  database = await startDatabase({ log_statement: 'all' })
})
after(() => database.stop())

const SETTINGS = [
  { DB_PREPARE: '', prepares: false },
  { DB_PREPARE: 'off', prepares: false },
  { DB_PREPARE: 'on', prepares: true },
]

/** Names under which the server ran statements with parameters while `work` ran. */
async function namesDuring(work: () => Promise<unknown>): Promise<Set<string>> {
  const from = (await database.serverLog()).length
  await work()
  const log = (await database.serverLog()).slice(from)
  return new Set([...log.matchAll(/execute (\S+): /g)].map(([, name = '']) => name))
}

async function journey(url: string): Promise<void> {
  await call(`${url}/products`)
  await call(`${url}/products/7`)
  const { body, status } = await order(url, piecesOf(7))
  assert.equal(status, 201)
  await viewOrder(url, body['number'])
}

for (const { DB_PREPARE, prepares } of SETTINGS) {
  describe(`DB_PREPARE=${DB_PREPARE}`, () => {
    for (const DB_MODE of MODES) {
      test(`${DB_MODE}: statements are ${prepares ? '' : 'not '}prepared under a name`, async () => {
        const env = { DB_MODE, DB_PREPARE, DATABASE_URL: database.url }
        await using service = await startService(env)
        const said = (await fetch(`${service.url}/healthz`)).headers.get('x-samehost-prepare')
        assert.equal(said, prepares ? 'on' : 'off')
        const names = await namesDuring(() => journey(service.url))
        if (!prepares) return assert.deepEqual([...names], ['<unnamed>'])
        assert.ok(!names.has('<unnamed>'), [...names].join())
        assert.equal(names.size, 11, [...names].join())
      })
    }

    test(`floor: statements are ${prepares ? '' : 'not '}prepared under a name`, async () => {
      await using service = await startFloor({ DB_PREPARE, DATABASE_URL: database.url })
      const names = await namesDuring(() => journey(service.url))
      assert.equal(names.has('<unnamed>'), !prepares, [...names].join())
    })
  })
}
