import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net'
import { Agent, createServer as createHttpServer } from 'node:http'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { parseForeignJson, readAnswer, type ReadFault, ReadError } from './read.ts'

async function listening(t: TestContext, server: Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A server that does with each connection what it is asked to, once something was asked. */
const raw = (t: TestContext, answer: (socket: Socket) => void): Promise<string> =>
  listening(
    t,
    createTcpServer((socket) => void socket.once('data', () => answer(socket))),
  )

const failsAs = (fault: ReadFault, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ReadError, String(error))
  assert.equal(error.fault, fault, error.message)
  assert.match(error.message, text)
  return true
}

test('an endless body is cut at the bound, and costs no more memory than that', async (t) => {
  let sent = 0
  const url = await raw(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    const piece = Buffer.alloc(65_536, 'x')
    const more = (): void => {
      while (!socket.destroyed && socket.write(piece)) sent += piece.length
    }
    socket.on('drain', more)
    more()
  })
  const reading = readAnswer(url, { maxBytes: 100_000 })
  await assert.rejects(reading, failsAs('too-large', /more than/))
  assert.ok(sent < 50e6, `${sent} bytes were taken`)
})

test('a length that promises gigabytes is not believed', async (t) => {
  const url = await raw(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n')
    socket.write(Buffer.alloc(2e6))
  })
  await assert.rejects(readAnswer(url), failsAs('too-large', /1024 KiB/))
})

test('a gzip bomb is not opened: no encoding is asked for, and its breach is named', async (t) => {
  const bomb = gzipSync(Buffer.alloc(50e6))
  let asked: string | undefined
  const url = await listening(
    t,
    createHttpServer((request, response) => {
      asked = request.headers['accept-encoding']
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    }),
  )
  const before = process.memoryUsage().rss
  await assert.rejects(readAnswer(url), failsAs('invalid', /Content-Encoding gzip although/))
  assert.equal(asked, 'identity')
  assert.ok(process.memoryUsage().rss - before < 40e6)
})

test('a slow drip, of the body or of the head, ends at the deadline', async (t) => {
  for (const head of [
    'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX: ',
  ]) {
    const url = await raw(t, (socket) => {
      socket.write(head)
      const drip = setInterval(() => socket.write('x'), 50)
      socket.on('close', () => clearInterval(drip))
    })
    const startedMs = performance.now()
    await assert.rejects(readAnswer(url, { withinMs: 500 }), failsAs('silent', /within 0\.5 s/))
    assert.ok(performance.now() - startedMs < 20_000)
  }
})

test('a service that takes the connection and says nothing ends at the deadline too', async (t) => {
  const url = await raw(t, () => {})
  await assert.rejects(readAnswer(url, { withinMs: 300 }), failsAs('silent', /no whole answer/))
})

test('an endless head is refused', async (t) => {
  const url = await raw(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    const more = (): void => {
      while (!socket.destroyed && socket.write(`X-${'y'.repeat(500)}: z\r\n`)) continue
    }
    socket.on('drain', more)
    more()
  })
  await assert.rejects(readAnswer(url), failsAs('invalid', /HPE_HEADER_OVERFLOW/))
})

test('redirects are not followed', async (t) => {
  let visits = 0
  const url = await listening(
    t,
    createHttpServer((_, response) => {
      visits += 1
      response.writeHead(302, { location: '/elsewhere' }).end()
    }),
  )
  const { status, headers } = await readAnswer(url)
  assert.deepEqual([status, headers['location'], visits], [302, '/elsewhere', 1])
})

test('interim answers are skipped, and without end they end at the deadline', async (t) => {
  const early = 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'
  const url = await raw(t, (socket) => {
    socket.end(
      `HTTP/1.1 100 Continue\r\n\r\n${early}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`,
    )
  })
  assert.deepEqual(await readAnswer(url).then(({ status, text }) => [status, text]), [200, 'ok'])

  const endless = await raw(t, (socket) => {
    const drip = setInterval(() => socket.write(early), 10)
    socket.on('close', () => clearInterval(drip))
  })
  await assert.rejects(readAnswer(endless, { withinMs: 300 }), failsAs('silent', /whole/))
})

test('a change of protocol, garbage and a lost connection are distinguished', async (t) => {
  const upgrade = await raw(t, (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
  )
  await assert.rejects(readAnswer(upgrade), failsAs('lost', /ended before/))
  const garbage = await raw(t, (socket) => socket.write('SSH-2.0-x\r\n'))
  await assert.rejects(readAnswer(garbage), failsAs('invalid', /not HTTP/))
  const cut = await raw(t, (socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
  })
  await assert.rejects(readAnswer(cut), failsAs('lost', /ended before/))
})

test('a closed port, an unknown name and TLS where there is none are reported in a sentence', async (t) => {
  const plain = await raw(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const secure = readAnswer(plain.replace('http:', 'https:'))
  await assert.rejects(secure, failsAs('untrusted', /does not speak TLS/))

  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const closed = readAnswer(`http://127.0.0.1:${port}`)
  await assert.rejects(closed, failsAs('unreachable', /nothing listens at 127\.0\.0\.1:/))
  const unknown = readAnswer('http://no-such-host.invalid/')
  await assert.rejects(unknown, failsAs('unreachable', /no-such-host\.invalid/))
})

test('an agent that keeps its connections is used, and each read is whole', async (t) => {
  const sockets = new Set<unknown>()
  const url = await listening(
    t,
    createHttpServer((request, response) => {
      sockets.add(request.socket)
      response.end(request.url)
    }),
  )
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  for (let turn = 0; turn < 5; turn += 1)
    assert.equal((await readAnswer(`${url}/${turn}`, { agent })).text, `/${turn}`)
  assert.equal(sockets.size, 1)
})

test('a signal ends the reading, with its reason', async (t) => {
  const url = await raw(t, () => {})
  const reason = new Error('asked to end')
  const controller = new AbortController()
  const reading = readAnswer(url, { signal: controller.signal })
  setTimeout(() => controller.abort(reason), 50)
  await assert.rejects(reading, reason)
  await assert.rejects(readAnswer(url, { signal: controller.signal }), reason)
})

test('a user and a password in the address are sent as a header', async (t) => {
  const url = await listening(
    t,
    createHttpServer((request, response) => response.end(request.headers.authorization)),
  )
  const { text } = await readAnswer(url.replace('//', '//me:p%40ss@'))
  assert.equal(text, `Basic ${Buffer.from('me:p@ss').toString('base64')}`)
})

test('no proxy of the environment stands between the runner and a service', async (t) => {
  const url = await listening(
    t,
    createHttpServer((_, response) => response.end('straight')),
  )
  const script = `
    const { readAnswer } = await import(${JSON.stringify(import.meta.resolve('./read.ts'))})
    console.log((await readAnswer(${JSON.stringify(url)})).text)`
  const proxy = 'http://127.0.0.1:9'
  const env = {
    PATH: process.env['PATH'],
    NODE_USE_ENV_PROXY: '1',
    HTTP_PROXY: proxy,
    http_proxy: proxy,
  }
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', script], { env }, (_, out, err) =>
      resolve(out + err),
    )
  })
  assert.equal(said, 'straight\n')
})

test('JSON nested without end is refused before it is parsed', () => {
  const before = process.memoryUsage().rss
  const deep = '['.repeat(10e6)
  assert.throws(() => parseForeignJson(deep), /nested more than 32 deep/)
  assert.throws(() => parseForeignJson('{"a":'.repeat(1e6)), /nested/)
  assert.ok(process.memoryUsage().rss - before < 200e6)
})

test('brackets in strings are no nesting, and other JSON is read as ever', () => {
  const value = { a: ['[{"'.repeat(50), '\\'], b: { c: [1, null, true] } }
  assert.deepEqual(parseForeignJson(JSON.stringify(value)), value)
  assert.throws(() => parseForeignJson('{"a":'), SyntaxError)
})
