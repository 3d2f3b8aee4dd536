import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test, type TestContext } from 'node:test'
import { urlToHttpOptions } from 'node:url'
import HttpClient from 'autocannon/lib/httpClient.js'
import { waitFor } from '../../../test/fixtures/load-window.ts'
import { response, startRawServer } from '../../../test/fixtures/shop-server.ts'
import { openSeam, type Seam } from './autocannon-seam.ts'

// What the seam takes from autocannon beyond its documentation. An upgrade that changes any of it
// must fail here, and not in somebody's numbers.

test('autocannon is the version that the seam was read for, pinned exactly', async () => {
  const manifest = JSON.parse(await readFile('runner/package.json', 'utf8'))
  assert.equal(manifest.dependencies.autocannon, '9.0.0')
  const path = import.meta.resolve('autocannon/package.json')
  assert.equal(JSON.parse(await readFile(new URL(path), 'utf8')).version, '9.0.0')
})

test('a client without the private members is refused, by their names', () => {
  const stranger = { parser: { execute() {} } } as unknown as HttpClient
  assert.throws(
    () => openSeam(stranger, { onConnectionEnd() {}, onData() {} }),
    /no _doRequest, _connect, _destroyConnection, destroy, getRequestBuffer, finish, reinitialize, nextRequest, addBody:.*9\.0\.0/,
  )
})

test('a client sends nothing by itself: neither when new, nor connected, nor answered', async (t) => {
  const server = await startRawServer(t, (socket, { path }) => socket.write(response(200, path)))
  const { seam, events } = seamTo(t, server.url)
  await turns(3)
  assert.equal(server.connections(), 0, 'it does not even connect')

  await connected(seam)
  await waitFor('the connection', () => server.connections() === 1)
  await turns(3)
  assert.equal(server.requests.length, 0)

  seam.send(get('/one'))
  await waitFor('the answer', () => events.length === 1)
  await turns(3)
  assert.deepEqual(
    server.requests.map(({ path }) => path),
    ['/one'],
  )
})

test('events of an answer: headers with keep-alive, body, then response with a duration', async (t) => {
  const server = await startRawServer(t, (socket) => socket.write(response(201, 'body')))
  const order: unknown[] = []
  const { seam, events } = seamTo(t, server.url)
  seam.client.on('headers', (head) =>
    order.push([Reflect.get(head, 'statusCode'), Reflect.get(head, 'shouldKeepAlive')]),
  )
  seam.client.on('body', (body) => order.push(body.toString()))
  seam.client.on('response', (status, _bytes, durationMs) => order.push([status, durationMs > 0]))
  await connected(seam)
  seam.send(get('/'))
  await waitFor('the answer', () => events.length === 1)
  assert.deepEqual(order, [[201, true], 'body', [201, true]])
})

test('the duration begins with the send, not with the end of the answer before', async (t) => {
  const server = await startRawServer(t, (socket) => socket.write(response(200, '')))
  const { seam, events } = seamTo(t, server.url)
  await connected(seam)
  for (const count of [1, 2]) {
    await new Promise((resolve) => setTimeout(resolve, 400))
    const before = performance.now()
    seam.send(get('/'))
    await waitFor('the answer', () => events.length === count)
    const atMost = performance.now() - before
    const durationMs = events.at(-1)?.durationMs ?? Number.NaN
    assert.ok(durationMs > 0 && durationMs <= atMost, `${durationMs} ms of at most ${atMost}`)
  }
})

test('a lost connection is reported once, with its cause, and not opened again', async (t) => {
  for (const [end, code] of [
    ['end', undefined],
    ['resetAndDestroy', 'ECONNRESET'],
  ] as const) {
    const server = await startRawServer(t, (socket) => socket[end]())
    const { seam, ends } = seamTo(t, server.url)
    await connected(seam)
    seam.send(get('/'))
    await waitFor('the loss', () => ends.length === 1)
    await turns(5)
    assert.deepEqual(
      ends.map((cause) => cause && Reflect.get(cause, 'code')),
      [code],
    )
    assert.equal(server.connections(), 1)
  }
})

test('after a loss in the middle of an answer, the next answer belongs to the next request', async (t) => {
  const server = await startRawServer(t, (socket, { path }) => {
    if (path === '/cut') socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n123')
    else socket.write(response(200, path))
  })
  const { seam, events, ends } = seamTo(t, server.url)
  const bodies: string[] = []
  seam.client.on('body', (piece) => bodies.push(piece.toString()))
  await connected(seam)
  seam.send(get('/cut'))
  await waitFor('the loss', () => ends.length === 1)
  await connected(seam)
  seam.send(get('/next'))
  await waitFor('the answer', () => events.length === 1)
  assert.deepEqual(bodies, ['123', '/next'])
})

test('garbage comes back as an Error, and an answer to nobody as a throw: neither kills', async (t) => {
  const server = await startRawServer(t, () => {})
  const { seam } = seamTo(t, server.url)
  assert.ok(seam.parse(Buffer.from('garbage\r\n')) instanceof Error)
  await connected(seam)
  assert.throws(() => seam.parse(Buffer.from(response(200, 'unasked'))), TypeError)
})

test('clients of one run share what none of them sends, and each sends its own', async (t) => {
  const server = await startRawServer(t, (socket, { path }) => socket.write(response(200, path)))
  const { seams, events } = seamsTo(t, server.url, 3)
  assert.equal(new Set(seams.map(({ client }) => Reflect.get(client, 'opts'))).size, 1)
  assert.equal(new Set(seams.map(({ client }) => Reflect.get(client, 'requestIterator'))).size, 1)
  const bodies: string[] = []
  for (const [index, seam] of seams.entries()) {
    seam.client.on('body', (piece) => bodies.push(`${index}${piece.toString()}`))
    await connected(seam)
  }
  for (const round of ['a', 'b']) {
    for (const [index, seam] of seams.entries()) seam.send(get(`/${round}${index}`))
    await waitFor('an answer to each', () => events.length === (round === 'a' ? 3 : 6))
  }
  assert.deepEqual(bodies.toSorted(), ['0/a0', '0/b0', '1/a1', '1/b1', '2/a2', '2/b2'])
})

test('a client that never connected can be destroyed', (t) => {
  const { seam } = seamTo(t, 'http://127.0.0.1:1')
  seam.destroy()
})

function seamTo(t: TestContext, url: string) {
  const { seams, ...observed } = seamsTo(t, url, 1)
  const [seam] = seams
  assert.ok(seam)
  return { seam, ...observed }
}

function seamsTo(t: TestContext, url: string, count: number) {
  const events: { durationMs: number }[] = []
  const ends: (Error | undefined)[] = []
  const seams: Seam[] = []
  const fresh = new Set<HttpClient>()
  const options = {
    ...urlToHttpOptions(new URL(url)),
    timeout: 1000,
    setupClient(client: HttpClient) {
      fresh.add(client)
      const handlers = {
        onConnectionEnd(cause: Error | undefined) {
          // The client is new: autocannon wants its first connection.
          if (!fresh.delete(client)) ends.push(cause)
        },
        onData: (chunk: Buffer) => void seam.parse(chunk),
      }
      const seam = openSeam(client, handlers, seams[0]?.client)
      seams.push(seam)
      client.on('response', (_status, _bytes, durationMs) => events.push({ durationMs }))
    },
  }
  const clients = Array.from({ length: count }, () => new HttpClient(options))
  assert.equal(seams.length, clients.length, 'setupClient is called at once')
  t.after(() => {
    for (const seam of seams) seam.destroy()
  })
  return { seams, events, ends }
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: any\r\n\r\n`

const connected = (seam: Seam): Promise<void> => new Promise((resolve) => seam.connect(resolve))

/** Lets what is due in the event loop happen: time for a premature send to show itself. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
