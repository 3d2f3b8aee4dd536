import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { signedIn } from '../fixtures/shop.ts'
import { call } from './testing/client.ts'
import { type ServiceDatabase, startDatabase } from './testing/database.ts'
import { startFloor, startService } from './testing/service.ts'

let database: ServiceDatabase
before(async () => {
  database = await startDatabase()
})
after(() => database.stop())

for (const [name, start] of Object.entries({ commerce: startService, floor: startFloor })) {
  describe(name, () => {
    test('members that are no members of an order do no harm', async () => {
      await using service = await start({ DATABASE_URL: database.url })
      let count = 0
      const place = async (members: string, number = `${name}-${(count += 1)}`) => {
        const body = `{"number":"${number}",${members}}`
        const headers = { 'content-type': 'application/json', ...signedIn() }
        return (await call(`${service.url}/orders`, { method: 'POST', headers, body })).status
      }
      const right = '"productId":1,"items":[{"id":1,"quantity":1}]'
      assert.equal(await place(`${right},"productId":2,"productId":1`), 201)
      assert.equal(await place(`${right},"__proto__":{"items":[]},"constructor":1`), 201)
      assert.equal(await place(`"__proto__":{${right}}`), 400)
      assert.equal(await place(`${right},"note":"\\u0000"`), 201)
      assert.equal(await place(right, '\\u0000'), 400)
      assert.equal(await place(`${right},"note":${'['.repeat(8_000)}`), 400)
      assert.equal(await place('"productId":9007199254740993,"items":[]'), 400)
    })

    test('a crowd that comes at once is let in, however busy the service is', async () => {
      await using busy = await start({ DATABASE_URL: database.url })
      // What stands still accepts nothing: all are in the kernel's queue, or dropped by it.
      busy.process.kill('SIGSTOP')
      const { hostname, port } = new URL(busy.url)
      const crowd = Array.from({ length: 1_900 }, () => connect(Number(port), hostname))
      let isOpen = 0
      for (const socket of crowd) socket.on('connect', () => (isOpen += 1))
      try {
        // One that is dropped stays out for as long as the service stands still.
        for (let tries = 0; tries < 100 && isOpen < crowd.length; tries += 1) await delay(100)
        assert.equal(isOpen, crowd.length)
      } finally {
        for (const socket of crowd) socket.destroy()
        busy.process.kill('SIGCONT')
      }
    })

    test('an idle connection is kept for longer than the front door keeps it', async () => {
      await using service = await start({ DATABASE_URL: database.url })
      const { headers } = await call(`${service.url}/healthz`)
      const seconds = Number(/timeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1])
      assert.ok(seconds > 60, `${seconds} s`)
    })
  })
}
