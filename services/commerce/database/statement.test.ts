import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type CompiledQuery,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import { insertPieces } from '../order-store.ts'
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
  const reserve = statement<{ id: number; pieces: number }, never>((builder, parameter) =>
    builder
      .updateTable('product_items')
      .set((eb) => ({ sold: eb('sold', '+', parameter('pieces')) }))
      .where('id', '=', parameter('id'))
      .where((eb) => eb(eb('stock', '-', eb.ref('sold')), '>=', parameter('pieces'))),
  )
  await reserve(db, { id: 7, pieces: 3 })
  await reserve(db, { id: 8, pieces: 4 })
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

test('a parameter may be a list', async () => {
  const { db, sent } = recorder()
  await insertPieces(db, { orderId: 9, itemIds: [1, 1], pricesMinor: [5, 6] })
  assert.deepEqual(sent[0]?.parameters, [9, [1, 1], [5, 6]])
})

test('a constant among the parameters is refused when the statement is made', () => {
  const build = (): unknown =>
    statement((db) => db.selectFrom('products').select('id').where('id', '=', 7))
  assert.throws(build, /name the constant 7/)
})
