import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { connectionCounter } from '../../runner/telemetry/connections.ts'
import { withConnection } from '../../runner/testbed/connection.ts'
import { startPostgres, type StartedPostgres } from '../../runner/testbed/embedded/postgres.ts'
import { testDatabase } from '../../runner/testbed/test-database.ts'
import type { TestDatabase } from '../../runner/testbed/testbed.ts'

let postgres: StartedPostgres
let database: TestDatabase

before(async () => {
  postgres = await startPostgres()
  database = await testDatabase(postgres.url, 'a password')
})
after(() => postgres.stop())

const products = (url: string): Promise<number> =>
  withConnection(url, async (client) => {
    const { rows } = await client.query<{ n: string }>('SELECT count(*) AS n FROM products')
    return Number(rows[0]?.n)
  })

test('the database is made anew with all its products, and without what was there', async () => {
  await database.createAnew()
  await withConnection(database.url, (client) => client.query('TRUNCATE products CASCADE'))
  assert.equal(await products(database.url), 0)
  await database.createAnew()
  assert.equal(await products(database.url), 1_000)
})

test('it is made anew while idle connections of a service hang on it', async () => {
  await database.createAnew()
  const idle = new pg.Pool({ connectionString: database.url, max: 5 })
  idle.on('error', () => {})
  await Promise.all(Array.from({ length: 5 }, () => idle.query('SELECT pg_sleep(0.05)')))
  assert.equal(idle.idleCount, 5)
  await database.createAnew()
  assert.equal(await products(database.url), 1_000)
  await idle.end()
})

test('the services do not log in as superuser', async () => {
  await database.createAnew()
  await withConnection(database.url, async (client) => {
    const { rows } = await client.query<{ s: string }>(
      "SELECT current_setting('is_superuser') AS s",
    )
    assert.equal(rows[0]?.s, 'off')
  })
})

test('new connections are counted exactly, whatever is done on them', async () => {
  await database.createAnew()
  await withConnection(postgres.url, async (desk) => {
    const counter = await connectionCounter(desk, database.name)
    assert.equal(counter?.method, 'log')
    const from = await counter.mark()
    for (let n = 0; n < 7; n += 1) {
      await withConnection(database.url, async (client) => {
        await client.query('SELECT 1')
        await client.query('SELECT 2')
      })
    }
    await withConnection(postgres.url, (client) => client.query('SELECT 1'))
    // The log is written by a process of its own: wait for the last line rather than for luck.
    let to = from
    for (let look = 0; look < 100 && (await counter.between(from, to)) < 7; look += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      to = await counter.mark()
    }
    assert.equal(await counter.between(from, to), 7)
  })
})
