import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { MODES } from '../../services/commerce/config.ts'
import { signedIn } from '../fixtures/shop.ts'
import { call, order, piecesOf } from './testing/client.ts'
import { eventually, type ServiceDatabase, startDatabase } from './testing/database.ts'
import { startService } from './testing/service.ts'

let database: ServiceDatabase
before(async () => {
  database = await startDatabase()
})
after(() => database.stop())

const waiting = (event: string, count: number): Promise<void> =>
  eventually(`${count} wait for ${event}`, async () => {
    const sql = 'SELECT FROM pg_stat_activity WHERE wait_event = $1'
    return (await database.query(sql, [event])).length >= count
  })

for (const DB_MODE of MODES) {
  describe(DB_MODE, () => {
    test('SIGTERM: what is in flight is answered, nothing more is accepted, and it exits with 0', async () => {
      await using service = await startService({ DB_MODE, DATABASE_URL: database.url })
      const idle = await call(`${service.url}/products/1`) // leaves an idle keep-alive connection
      assert.equal(idle.status, 200)
      await using lock = await database.lockProduct(5)
      const orders = Array.from({ length: 5 }, () => order(service.url, piecesOf(5)))
      await waiting('transactionid', 1)
      const code = service.stop()
      await eventually('no connection is accepted', async () => {
        return fetch(`${service.url}/healthz`).then(
          () => false,
          () => true,
        )
      })
      await lock.release()
      for (const { status, body } of await Promise.all(orders)) {
        assert.equal(status, 201, JSON.stringify(body))
      }
      assert.equal(await code, 0)
      await eventually(
        'no connection is left',
        async () => (await database.backends()).length === 0,
      )
    })
  })
}

test('a stop does not wait for longer than it may, and says that it cut something off', async () => {
  const env = { DATABASE_URL: database.url, DRAIN_TIMEOUT: '300ms' }
  await using service = await startService(env)
  // To the test's end: without a cut the stop would never come to its own.
  await using _ = await database.lockProduct(6)
  const cutOff = assert.rejects(order(service.url, piecesOf(6)))
  await waiting('transactionid', 1)
  assert.equal(await service.stop(), 1)
  await cutOff
})

test('what still comes on a busy connection is answered, and the connection closed by it', async () => {
  await using service = await startService({ DATABASE_URL: database.url })
  await using lock = await database.lockProduct(7)
  const { hostname, port } = new URL(service.url)
  const socket = connect(Number(port), hostname)
  const received = text(socket)
  const body = JSON.stringify({ number: 'on-a-busy-connection', ...piecesOf(7) })
  const { authorization } = signedIn()
  const json = `Content-Type: application/json\r\nContent-Length: ${body.length}`
  const headers = `Host: x\r\nAuthorization: ${authorization}\r\n${json}`
  socket.write(`POST /orders HTTP/1.1\r\n${headers}\r\n\r\n${body}`)
  await waiting('transactionid', 1)
  const code = service.stop()
  await eventually('no connection is accepted', () =>
    fetch(`${service.url}/healthz`).then(
      () => false,
      () => true,
    ),
  )
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
  await lock.release()
  const [, first = '', second = ''] = (await received).split('HTTP/1.1 ')
  assert.match(first, /^201 [^]*connection: keep-alive/i)
  assert.match(second, /^200 [^]*connection: close/i)
  assert.equal(await code, 0)
})
