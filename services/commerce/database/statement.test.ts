import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type CompiledQuery,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import { insertOrder, reserve } from '../order-store.ts'
import type { Schema } from './schema.ts'
import { statement } from './statement.ts'

/** A Kysely that keeps what it is asked to send. */
function recorder(): { db: Kysely<Schema>; sent: CompiledQuery[] } {
  const sent: CompiledQuery[] = []
  const connection = {
    executeQuery: async (query: CompiledQuery) => {
      sent.push(query)
      return { rows: [] }
    },
    async *streamQuery() {},
  }
  const nothing = async (): Promise<void> => undefined
  const db = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createIntrospector: (each) => new PostgresIntrospector(each),
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createDriver: () => ({
        init: nothing,
        acquireConnection: async () => connection,
        beginTransaction: nothing,
        commitTransaction: nothing,
        rollbackTransaction: nothing,
        releaseConnection: nothing,
        destroy: nothing,
      }),
    },
  })
  return { db, sent }
}

test('each parameter goes where its name stands, as often as it stands there', async () => {
  const { db, sent } = recorder()
  await reserve(db, { productId: 7, quantity: 3 })
  await reserve(db, { productId: 8, quantity: 4 })
  assert.deepEqual(
    sent.map(({ parameters }) => parameters),
    [
      [3, 7, 3],
      [4, 8, 4],
    ],
  )
  assert.match(
    sent[0]?.sql ?? '',
    /"sold" = "sold" \+ \$1 where "id" = \$2 and "stock" - "sold" >= \$3/,
  )
})

test('a parameter may be null', async () => {
  const { db, sent } = recorder()
  const order = { product_id: 1, quantity: 2, unit_price_minor: 3, currency: 'EUR' }
  await insertOrder(db, { ...order, idempotency_key: null })
  assert.deepEqual(sent[0]?.parameters, [1, 2, 3, 'EUR', null])
})

test('a constant among the parameters is refused when the statement is made', () => {
  const build = (): unknown =>
    statement((db) => db.selectFrom('products').select('id').where('id', '=', 7))
  assert.throws(build, /name the constant 7/)
})
