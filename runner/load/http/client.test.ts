import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { openOne, outcomeOf, waitFor } from '../../../test/fixtures/load-window.ts'
import { response, startRawServer } from '../../../test/fixtures/shop-server.ts'
import { BODY_BOUND_BYTES } from './connection.ts'

const EARLY_HINTS = 'HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n'

/** What a server does with a request, and what the request must be called then. */
const FAULTS: readonly (readonly [string, (socket: Socket) => void, string])[] = [
  ['closes instead of answering', (s) => s.end(), 'connection-lost'],
  ['resets instead of answering', (s) => s.resetAndDestroy(), 'connection-lost'],
  ['closes within the head', (s) => s.end('HTTP/1.1 200 OK\r\ncontent-le'), 'connection-lost'],
  [
    'closes before the promised length',
    (s) => s.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345'),
    'connection-lost',
  ],
  [
    'closes within a chunk',
    (s) => s.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nA\r\n12345'),
    'connection-lost',
  ],
  ['never answers', () => {}, 'timeout'],
  ['never ends its head', (s) => s.write('HTTP/1.1 200 OK\r\nx: '), 'timeout'],
  [
    'sends less than the promised length',
    (s) => s.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345'),
    'timeout',
  ],
  ['answers garbage', (s) => s.write('\x00\x01 nonsense\r\n\r\n'), 'invalid-response'],
  ['speaks another protocol', (s) => s.write('SSH-2.0-OpenSSH_9.6\r\n'), 'invalid-response'],
  [
    'gives two lengths that differ',
    (s) => s.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n12'),
    'invalid-response',
  ],
  [
    'gives a negative length',
    (s) => s.write('HTTP/1.1 200 OK\r\ncontent-length: -9\r\n\r\n12345'),
    'invalid-response',
  ],
  [
    'gives a length that is no number',
    (s) => s.write('HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n12345'),
    'invalid-response',
  ],
  [
    'gives a chunk length that sends the parser round in circles',
    (s) => s.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-6\r\nmore'),
    'invalid-response',
  ],
  [
    'ends a chunk elsewhere than it promised',
    (s) => s.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n12345\r\n'),
    'invalid-response',
  ],
  [
    'never stops sending headers',
    (s) => flood(s, 'HTTP/1.1 200 OK\r\n', 'x: y\r\n'),
    'invalid-response',
  ],
  [
    'streams without end',
    (s) => flood(s, 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n', 'z'.repeat(4096)),
    'invalid-body',
  ],
  [
    'streams chunks without end',
    (s) =>
      flood(
        s,
        'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n',
        '4\r\nzzzz\r\n'.repeat(500),
      ),
    'invalid-body',
  ],
  [
    'promises more than the bound and sends it',
    (s) => s.write(response(200, 'z'.repeat(BODY_BOUND_BYTES + 1))),
    'invalid-body',
  ],
  ['redirects', (s) => s.write(response(302, '', 'location: /elsewhere\r\n')), '302 '],
  ['fails', (s) => s.write(response(503, 'no')), '503 no'],
  ['answers provisionally only', (s) => s.write(EARLY_HINTS), 'timeout'],
  [
    'answers provisionally without end',
    (s) => flood(s, EARLY_HINTS, EARLY_HINTS.repeat(99)),
    'invalid-response',
  ],
  [
    'switches protocols',
    (s) => s.write('HTTP/1.1 101 Any\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    'invalid-response',
  ],
  [
    'compresses though it was asked not to',
    (s) => s.write(response(200, 'zipped', 'Content-Encoding: gzip\r\n')),
    'encoded-body',
  ],
]

for (const [what, before] of [
  ['100 Continue', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ['103 with headers', EARLY_HINTS],
  ['103 that claims a length', 'HTTP/1.1 103 Any\r\ncontent-length: 5\r\n\r\n'],
  ['two of them', EARLY_HINTS + EARLY_HINTS],
] as const) {
  test(`an interim answer (${what}) before the answer is passed over, on one connection`, async (t) => {
    const server = await startRawServer(t, (socket, { path }) => {
      socket.setNoDelay(true)
      socket.write(before)
      const whole = response(200, path, 'content-encoding: identity\r\n')
      if (path === '/late') setTimeout(() => socket.write(whole), 20)
      else socket.write(whole)
    })
    const client = openOne(t, server.url)
    for (const path of ['/one', '/late', '/three']) {
      assert.equal(outcomeOf(await client.request({ method: 'GET', path })), `200 ${path}`)
    }
    assert.equal(server.connections(), 1)
  })
}

for (const [what, misbehave, expected] of FAULTS) {
  test(`a server that ${what}: ${expected.trim()}, once, and the next request is well`, async (t) => {
    let faults = 1
    const server = await startRawServer(t, (socket, { path }) => {
      if (faults > 0) {
        faults -= 1
        misbehave(socket)
      } else {
        socket.write(response(200, path))
      }
    })
    const client = openOne(t, server.url, expected === 'timeout' ? 3000 : 10_000)
    assert.equal(outcomeOf(await client.request({ method: 'GET', path: '/first' })), expected)
    assert.equal(outcomeOf(await client.request({ method: 'GET', path: '/second' })), '200 /second')
    assert.equal(outcomeOf(await client.request({ method: 'GET', path: '/third' })), '200 /third')
    assert.equal(client.endings(), 3)
  })
}

test('nobody listens: connection-refused, nothing sent, and nothing retried by itself', async (t) => {
  const server = await startRawServer(t, () => {})
  await server.close()
  const client = openOne(t, server.url)
  assert.equal(outcomeOf(await client.request()), 'connection-refused')
  assert.equal(client.sent(), 0)
  const again = await startRawServer(t, (socket) => socket.write(response(200, 'up')), server.port)
  assert.equal(again.connections(), 0)
  assert.equal(outcomeOf(await client.request()), '200 up')
})

test('a name that does not resolve: connection-refused', async (t) => {
  const client = openOne(t, 'http://does-not-exist.invalid:80')
  assert.equal(outcomeOf(await client.request()), 'connection-refused')
})

test('a body without a length ends with its connection, and is an answer', async (t) => {
  const server = await startRawServer(t, (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nwhole'))
  const client = openOne(t, server.url)
  assert.equal(outcomeOf(await client.request()), '200 whole')
  assert.equal(outcomeOf(await client.request()), '200 whole')
  assert.equal(server.connections(), 2)
})

test('a character cut by a packet is whole in the body', async (t) => {
  const bytes = Buffer.from(response(200, 'é'))
  const server = await startRawServer(t, (socket) => {
    socket.setNoDelay(true)
    socket.write(bytes.subarray(0, -1))
    setTimeout(() => socket.write(bytes.subarray(-1)), 20)
  })
  assert.equal(outcomeOf(await openOne(t, server.url).request()), '200 é')
})

test('an answer to nobody closes the connection, is counted, and reaches no later request', async (t) => {
  const server = await startRawServer(t, (socket, { path, index }) => {
    socket.write(response(200, path) + (index === 1 ? response(200, 'unasked') : ''))
  })
  const client = openOne(t, server.url)
  for (const path of ['/a', '/b', '/c', '/d']) {
    assert.equal(outcomeOf(await client.request({ method: 'GET', path })), `200 ${path}`)
  }
  assert.ok(client.connection.strays() >= 1)
})

test('bytes that come while idle close the connection, and reach no later request', async (t) => {
  const server = await startRawServer(t, (socket, { path, index }) => {
    socket.write(response(200, path))
    if (index === 0) setTimeout(() => socket.write(response(200, 'unasked')), 20)
  })
  const client = openOne(t, server.url)
  assert.equal(outcomeOf(await client.request({ method: 'GET', path: '/a' })), '200 /a')
  await waitFor('the stray bytes', () => client.connection.strays() === 1)
  assert.equal(outcomeOf(await client.request({ method: 'GET', path: '/b' })), '200 /b')
  assert.equal(server.connections(), 2)
})

test('a connection closed while idle is no failure: the next request opens another', async (t) => {
  const closed: boolean[] = []
  const server = await startRawServer(t, (socket, { path }) => {
    socket.write(response(200, path), () => socket.end())
    socket.on('close', () => closed.push(true))
  })
  const client = openOne(t, server.url)
  assert.equal(outcomeOf(await client.request({ method: 'GET', path: '/a' })), '200 /a')
  await waitFor('the server to see its connection closed', () => closed.length === 1)
  assert.equal(outcomeOf(await client.request({ method: 'GET', path: '/b' })), '200 /b')
})

test('Connection: close is obeyed: a new connection for each request, none lost', async (t) => {
  const server = await startRawServer(t, (socket, { path }) => {
    socket.end(response(200, path, 'connection: close\r\n'))
  })
  const client = openOne(t, server.url)
  for (const path of ['/a', '/b', '/c']) {
    assert.equal(outcomeOf(await client.request({ method: 'GET', path })), `200 ${path}`)
  }
  assert.equal(server.connections(), 3)
})

test('a second request while one is in flight is a defect of the caller', async (t) => {
  const server = await startRawServer(t, () => {})
  const client = openOne(t, server.url)
  client.connection.send({ method: 'GET', path: '/' })
  assert.throws(() => client.connection.send({ method: 'GET', path: '/' }), /cannot send/)
})

test('a request sends its base path, its headers and its body', async (t) => {
  const server = await startRawServer(t, (socket, { line, body }) => {
    socket.write(response(200, `${line} ${body}`))
  })
  const client = openOne(t, `${server.url}/pooled/`)
  assert.equal(
    outcomeOf(await client.request({ method: 'POST', path: '/orders', body: '{"a":1}' })),
    '200 POST /pooled/orders HTTP/1.1 {"a":1}',
  )
  assert.equal(
    outcomeOf(await client.request({ method: 'GET', path: '/orders/1' })),
    '200 GET /pooled/orders/1 HTTP/1.1 ',
  )
})

/** Writes `piece` for as long as the other side reads. */
function flood(socket: Socket, head: string, piece: string): void {
  socket.write(head)
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
  }
  socket.on('drain', more)
  more()
}
