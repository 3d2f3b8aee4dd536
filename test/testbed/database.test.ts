import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import pg from 'pg'
import { readStored } from '../../runner/testbed/audit.ts'
import { withConnection } from '../../runner/testbed/database.ts'
import type { Binaries } from '../../runner/testbed/embedded/binaries.ts'
import { type StartedPostgres, startPostgres } from '../../runner/testbed/embedded/postgres.ts'
import type { TestDatabase } from '../../runner/testbed/testbed.ts'
import { SHOP, shopDatabase } from '../fixtures/shop.ts'

const DEBIAN = '/usr/lib/postgresql'
/** Of the seed. */
const PRODUCTS = 12

const products = (url: string): Promise<number> =>
  withConnection(url, async (client) => {
    const { rows } = await client.query<{ n: string }>('SELECT count(*) AS n FROM products')
    return Number(rows[0]?.n)
  })

/** Every PostgreSQL of this machine: the kit's own, and those of Debian's packages. */
const servers: [name: string, binaries: Binaries | null][] = [
  ['embedded', null],
  ...(await readdir(DEBIAN).catch(() => [])).map((version): [string, Binaries] => [
    `PostgreSQL ${version}`,
    { initdb: `${DEBIAN}/${version}/bin/initdb`, postgres: `${DEBIAN}/${version}/bin/postgres` },
  ]),
]

for (const [name, binaries] of servers) {
  void suite(`the database on ${name}`, () => {
    let postgres: StartedPostgres
    let database: TestDatabase

    before(async () => {
      postgres = await startPostgres(binaries === null ? {} : { binaries })
      database = shopDatabase(postgres.url, 'a password')
    })
    after(() => postgres.stop())

    test('the database is recreated with all its products, and without what was there', async () => {
      await database.recreate()
      await withConnection(database.url, (client) => client.query('TRUNCATE products CASCADE'))
      assert.equal(await products(database.url), 0)
      await database.recreate()
      assert.equal(await products(database.url), PRODUCTS)
    })

    test('a server that is full is asked again until it lets the runner in', async () => {
      await database.recreate()
      const crowd: pg.Client[] = []
      const refused = await withConnection(postgres.url, async (client) => {
        const { rows } = await client.query<{ max_connections: string }>('SHOW max_connections')
        for (let slot = 0; slot < Number(rows[0]?.max_connections); slot += 1) {
          const guest = new pg.Client({ connectionString: postgres.url })
          guest.on('error', () => {})
          try {
            await guest.connect()
            crowd.push(guest)
          } catch (error) {
            return (error as { code?: string }).code
          }
        }
        return null
      })
      assert.equal(refused, '53300')
      // The last of them goes where the connection of before went.
      const last = new pg.Client({ connectionString: postgres.url })
      last.on('error', () => {})
      await last.connect().then(
        () => crowd.push(last),
        () => {},
      )
      const leaving = setTimeout(() => void Promise.all(crowd.map((guest) => guest.end())), 500)
      try {
        assert.equal(await products(database.url), PRODUCTS)
      } finally {
        clearTimeout(leaving)
        await Promise.allSettled(crowd.map((guest) => guest.end()))
      }
    })

    test('it is recreated while idle connections of a service hang on it', async () => {
      await database.recreate()
      const idle = new pg.Pool({ connectionString: database.url, max: 5 })
      idle.on('error', () => {})
      await Promise.all(Array.from({ length: 5 }, () => idle.query('SELECT pg_sleep(0.05)')))
      assert.equal(idle.idleCount, 5)
      await database.recreate()
      assert.equal(await products(database.url), PRODUCTS)
      await idle.end()
    })

    test('a database that cannot be dropped stays open to those who use it', async () => {
      // What was prepared and not committed keeps a database, whoever is sent away from it.
      const settings = { max_prepared_transactions: '1' }
      await using kept = await startPostgres(
        binaries === null ? { settings } : { settings, binaries },
      )
      const there = shopDatabase(kept.url, 'a password')
      await there.recreate()
      await withConnection(there.url, async (client) => {
        await client.query("BEGIN; TRUNCATE orders CASCADE; PREPARE TRANSACTION 'kept'")
      })
      await assert.rejects(there.recreate(), /commerce could not be dropped/)
      assert.equal(await products(there.url), PRODUCTS)
    })

    test('a server that is too old is refused before anything is dropped', async () => {
      await database.recreate()
      // The server cannot be had as version 11: its answer can, by a function that is found first.
      await withConnection(postgres.url, async (client) => {
        await client.query(`
          CREATE SCHEMA old;
          CREATE FUNCTION old.current_setting(text) RETURNS text LANGUAGE sql AS $$ SELECT '110022' $$;
          ALTER DATABASE postgres SET search_path = old, pg_catalog`)
      })
      try {
        await assert.rejects(database.recreate(), /PostgreSQL 11, older than 12/)
        assert.equal(await products(database.url), PRODUCTS)
      } finally {
        await withConnection(postgres.url, (client) =>
          client.query('ALTER DATABASE postgres RESET search_path; DROP SCHEMA old CASCADE'),
        )
      }
    })

    test('an audit says what is stored; a column that it has not is 0, and no count is refused', async () => {
      await database.recreate()
      const { url } = database
      const nothing = { stored: 0, quantity: 0, sold: 0, oversold: 0 }
      assert.deepEqual(await readStored(url, SHOP.database?.audit ?? ''), nothing)
      const counted = 'SELECT count(*) AS stored FROM products'
      assert.deepEqual(await readStored(url, counted), { ...nothing, stored: PRODUCTS })
      for (const audit of [
        'SELECT 1 AS kept',
        "SELECT 'many' AS stored",
        'SELECT 1 AS stored WHERE false',
      ])
        await assert.rejects(readStored(url, audit), /gives no count as stored/, audit)
    })

    test('the services do not log in as superuser', async () => {
      await database.recreate()
      await withConnection(database.url, async (client) => {
        const { rows } = await client.query<{ s: string }>(
          "SELECT current_setting('is_superuser') AS s",
        )
        assert.equal(rows[0]?.s, 'off')
      })
    })
  })
}
