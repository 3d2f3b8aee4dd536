import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type ServiceDatabase, startDatabase } from './testing/database.ts'
import { type StartedService, startFloor, startService } from './testing/service.ts'

let database: ServiceDatabase
let service: StartedService
before(async () => {
  database = await startDatabase()
  service = await startService({ DATABASE_URL: database.url })
})
after(async () => {
  await service.stop()
  await database.stop()
})

/** Sends bytes as they are, and gives all that comes back until the service closes. */
const exchange = (...parts: readonly (string | Buffer)[]): Promise<string> =>
  exchangeWith(service.url, ...parts)

async function exchangeWith(url: string, ...parts: readonly (string | Buffer)[]): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const received: Buffer[] = []
  socket.on('data', (chunk) => received.push(chunk))
  socket.on('error', () => undefined)
  for (const part of parts) socket.write(part)
  await once(socket, 'close')
  return Buffer.concat(received).toString()
}

const HEAD = 'Host: x\r\nConnection: close\r\n'
const post = (headers: string): string =>
  `POST /orders HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\n${headers}\r\n`

describe('what is not HTTP, or too much of it, is never a 5xx and does no harm', () => {
  const cases: [name: string, request: string | Buffer][] = [
    ['noise', '\x00\x01\x02\r\n\r\n'],
    ['no host', 'GET /products HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['a host that is none', 'GET /products HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n'],
    ['two lengths', `${post('Content-Length: 2\r\nContent-Length: 3\r\n')}{}`],
    ['a length and chunks', post('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n')],
    ['a header of 20 KiB', `GET / HTTP/1.1\r\n${HEAD}X: ${'x'.repeat(20_480)}\r\n\r\n`],
    ['a path of 20 KiB', `GET /${'x'.repeat(20_480)} HTTP/1.1\r\n${HEAD}\r\n`],
    ['broken percent signs', `GET /products/%E0%A4%A HTTP/1.1\r\n${HEAD}\r\n`],
    [
      'a path with a byte beyond ASCII',
      Buffer.from(`GET /products/1\xff HTTP/1.1\r\n${HEAD}\r\n`, 'latin1'),
    ],
    ['an encoded NUL', `GET /products/1%00 HTTP/1.1\r\n${HEAD}\r\n`],
    ['an encoded slash', `GET /products/1%2F2 HTTP/1.1\r\n${HEAD}\r\n`],
    ['another expectation', `${post('Expect: a miracle\r\nContent-Length: 2\r\n')}{}`],
    ['a chunk of no size', `${post('Transfer-Encoding: chunked\r\n')}zz\r\n`],
    ['an unheard-of method', `BREW /products HTTP/1.1\r\n${HEAD}\r\n`],
    ['a method for others', `PROPFIND /products HTTP/1.1\r\n${HEAD}\r\n`],
    ['a method without a path', `CONNECT x:80 HTTP/1.1\r\n${HEAD}\r\n`],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ]
  for (const [what, start] of Object.entries({ commerce: startService, floor: startFloor })) {
    test(what, async () => {
      await using under = await start({ DATABASE_URL: database.url })
      for (const [name, request] of cases) {
        const answer = await exchangeWith(under.url, request)
        assert.match(answer, /^(HTTP\/1\.1 [24]\d\d |$)/, name)
        assert.equal((await fetch(`${under.url}/readyz`)).status, 200, name)
      }
      assert.deepEqual(await database.query('SELECT FROM orders'), [])
      assert.deepEqual(
        under.log.filter((line) => line.includes('"level":"error"')),
        [],
      )
    })
  }
})

test('a chunked order is an order', async () => {
  const body = '1e\r\n{"productId": 1,"quantity": 1}\r\n0\r\n\r\n'
  assert.match(await exchange(post('Transfer-Encoding: chunked\r\n'), body), /^HTTP\/1.1 201 /)
})

test('members that are no members of an order do no harm', async () => {
  const bodies: [body: string, status: number][] = [
    ['{"productId":1,"quantity":1,"productId":2}', 201],
    ['{"productId":1,"quantity":1,"__proto__":{"x":1},"constructor":1}', 201],
    ['{"__proto__":{"productId":1,"quantity":1}}', 400],
    ['{"productId":1,"quantity":1,"note":"\\u0000"}', 201],
    ['{"productId":"1\\u0000","quantity":1}', 400],
    [`{"productId":1,"quantity":${'['.repeat(8_000)}`, 400],
    ['{"productId":1,"quantity":1e999}', 400],
    ['{"productId":1.0,"quantity":1e0}', 201],
    ['{"productId":9007199254740993,"quantity":1}', 400],
    ['{"productId":1,"quantity":-1e30}', 422],
  ]
  for (const [body, status] of bodies) {
    const answer = await exchange(post(`Content-Length: ${body.length}\r\n`), body)
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), body.slice(0, 80))
  }
})

describe('a crowd that comes at once is let in, however busy the service is', () => {
  for (const [name, start] of Object.entries({ commerce: startService, floor: startFloor })) {
    test(name, async () => {
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
  }
})

test('an idle connection is kept for longer than the front door keeps it', async () => {
  const { headers } = await fetch(`${service.url}/healthz`)
  const seconds = Number(/timeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1])
  assert.ok(seconds > 60, `${seconds} s`)
})
