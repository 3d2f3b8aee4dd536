import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { order, piecesOf } from './testing/client.ts'
import { type ServiceDatabase, startDatabase } from './testing/database.ts'
import { startFloor, startService } from './testing/service.ts'

let database: ServiceDatabase
before(async () => {
  database = await startDatabase()
})
after(() => database.stop())

for (const [name, start] of Object.entries({ commerce: startService, floor: startFloor })) {
  describe(name, () => {
    const started = (ARM_NAME = 'the-arm') => start({ ARM_NAME, DATABASE_URL: database.url })

    test('says which arm it is where it is asked for its health, and nowhere else', async () => {
      await using service = await started()
      for (const [path, named] of [
        ['healthz', 'the-arm'],
        ['readyz', 'the-arm'],
        ['products', null],
        ['products/1', null],
        ['nowhere', null],
      ] as const) {
        const { headers } = await fetch(`${service.url}/${path}`)
        assert.equal(headers.get('x-samehost-arm'), named, path)
        assert.equal(headers.has('x-samehost-instance'), named !== null, path)
        assert.equal(headers.get('x-samehost-prepare'), named && 'off', path)
      }
      const placed = await order(service.url, piecesOf(1))
      assert.ok(!placed.headers.has('x-samehost-arm'))
    })

    test('a process keeps its instance id, and the next has another', async () => {
      const instance = async (url: string): Promise<string | null> =>
        (await fetch(`${url}/healthz`)).headers.get('x-samehost-instance')
      const seen = new Set<string | null>()
      for (let starts = 0; starts < 2; starts += 1) {
        await using service = await started()
        const first = await instance(service.url)
        assert.match(first ?? '', /^[0-9a-f]{16}$/)
        assert.equal(await instance(service.url), first)
        seen.add(first)
      }
      assert.equal(seen.size, 2)
    })

    test('says what it goes by, and refuses a variable of its own prefix that it does not know', async () => {
      const env = { DATABASE_URL: database.url, DB_POOL_MAX: '007', DB_QUEUE_MAX: '' }
      await using service = await start(env)
      const { settings, given } = (await (await fetch(`${service.url}/healthz`)).json()) as {
        settings: Readonly<Record<string, string | number>>
        given: string
      }
      const { hostname, port } = new URL(database.url)
      assert.equal(settings['DB_POOL_MAX'], 7)
      assert.equal(settings['DB_QUEUE_MAX'], 4_000)
      assert.deepEqual([settings['DB_HOST'], settings['DB_PORT']], [hostname, Number(port)])
      // The same words in every service, as the contract says: what is empty was not given.
      const digest = createHash('sha256').update('DB_POOL_MAX=007\n').digest('hex')
      assert.equal(given, digest)
      await assert.rejects(
        start({ ...env, DB_POOLMAX: '5' }),
        /DB_POOLMAX is no variable of this service: give one of .*DB_POOL_MAX/,
      )
    })

    test('without a name only the instance is sent', async () => {
      await using service = await started('')
      const { headers } = await fetch(`${service.url}/healthz`)
      assert.ok(!headers.has('x-samehost-arm'))
      assert.ok(headers.has('x-samehost-instance'))
    })
  })
}
