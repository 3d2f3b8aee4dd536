import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ENDPOINTS, type Endpoint } from '../measurement/figures.ts'
import { allFigures, outcomesOf } from './figures.ts'
import { commerceJourney } from './journey.ts'
import { startLoad, type Load, type LoadOptions } from './load.ts'
import { createRandom, drawInteger } from './random.ts'
import { response, type RawRequest } from './testing/raw-server.ts'
import { startShop } from './testing/shop.ts'
import { waitFor } from './testing/wait.ts'

const OPTIONS = { thinkMs: { min: 0, max: 0 }, timeoutMs: 5000, seed: 1, journey: commerceJourney }

function loadOf(t: TestContext, url: string, options: Partial<LoadOptions> = {}): Load {
  const load = startLoad({ ...OPTIONS, url, ...options })
  t.after(() => load.stop())
  return load
}

/** Which endpoint a request belongs to, by what came over the wire. */
function endpointOf({ line, path }: RawRequest): Endpoint {
  if (path.includes('?')) return 'list-products'
  if (line.startsWith('POST')) return 'place-order'
  return path.includes('/products/') ? 'view-product' : 'view-order'
}

/** A window around the whole life of `users` users, who are retired once `enough` holds. */
async function wholeLife(load: Load, users: number, enough: () => boolean) {
  load.openWindow()
  await load.setUsers(users)
  await waitFor('enough requests', enough)
  await load.setUsers(0)
  return load.closeWindow()
}

test('each request is counted under its own endpoint, exactly as the server saw it', async (t) => {
  const server = await startShop(t)
  const load = loadOf(t, server.url)
  const window = await wholeLife(load, 10, () => server.requests.length > 2000)
  for (const endpoint of ENDPOINTS) {
    const seen = server.requests.filter((request) => endpointOf(request) === endpoint).length
    assert.equal(window.endpoints[endpoint].success.count, seen, endpoint)
  }
  assert.deepEqual(allFigures(window).errors, {})
})

/** A server that gives a connection up after `k` answers, in the three ways there are. */
const GOODBYES: readonly (readonly [string, (socket: Socket, answer: string) => void])[] = [
  [
    'says Connection: close',
    (socket, answer) => socket.end(answer.replace('\r\n', '\r\nConnection: close\r\n')),
  ],
  ['sends FIN without a word', (socket, answer) => socket.end(answer)],
  [
    'sends RST after the answer',
    (socket, answer) => socket.write(answer, () => setImmediate(() => socket.resetAndDestroy())),
  ],
]

for (const [what, sayGoodbye] of GOODBYES) {
  test(`a server that ${what} after every 7th answer: attribution stays whole`, async (t) => {
    const served: Endpoint[] = []
    let goodbyes = 0
    const server = await startShop(t, (socket, request, answer) => {
      served.push(endpointOf(request))
      if (request.index !== 6) return false
      goodbyes += 1
      sayGoodbye(socket, answer())
      return true
    })
    const load = loadOf(t, server.url, { journey: commerceJourney })
    const window = await wholeLife(load, 5, () => server.requests.length > 700)
    assert.ok(goodbyes >= 50)
    // A request that meets the goodbye on its way is lost; no answer may reach the wrong request,
    // which would show as a body or a status that was not the one promised.
    const lost = allFigures(window).errors['connection-lost'] ?? 0
    assert.equal(outcomesOf(window).failed, lost, JSON.stringify(allFigures(window).errors))
    for (const endpoint of ENDPOINTS) {
      const { success } = window.endpoints[endpoint]
      const answered = served.filter((name) => name === endpoint).length
      assert.ok(success.count <= answered && success.count >= answered - lost, endpoint)
    }
  })
}

/** What is done instead of an answer, and the classes that it may be counted under. */
const FAULTS: readonly (readonly [(socket: Socket) => void, ...string[]])[] = [
  [(socket) => socket.resetAndDestroy(), 'connection-lost'],
  [(socket) => socket.write('HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n'), 'status-500'],
  // A read is promised 200 and looks into the body; an order is promised 201.
  [(socket) => socket.write(response(200, '{]')), 'invalid-body', 'status-200'],
  [(socket) => socket.write('garbage\r\n'), 'invalid-response'],
  [() => {}, 'timeout'],
]

test('under random faults every request has one end, and each class its number', async (t) => {
  const random = createRandom(3)
  const injected = FAULTS.map(() => 0)
  const server = await startShop(t, (socket) => {
    const drawn = drawInteger(random, 50 * FAULTS.length)
    const fault = FAULTS[drawn]
    if (fault === undefined) return false
    injected[drawn] = (injected[drawn] ?? 0) + 1
    fault[0](socket)
    return true
  })
  const load = loadOf(t, server.url, { timeoutMs: 1000 })
  const window = await wholeLife(load, 20, () => server.requests.length > 1000)
  const { errors } = allFigures(window)
  const counted = FAULTS.map(([, ...classes]) =>
    classes.reduce((sum, name) => sum + (errors[name] ?? 0), 0),
  )
  assert.deepEqual(counted, injected)
  const outcomes = outcomesOf(window)
  assert.deepEqual(outcomes, {
    sent: server.requests.length,
    succeeded: server.requests.length - outcomes.failed,
    failed: injected.reduce((sum, count) => sum + count, 0),
    inFlight: 0,
    journeysAborted: outcomes.failed,
  })
})

test('orders: acknowledged and in doubt bracket what the server stored', async (t) => {
  let orders = 0
  let stored = 0
  const server = await startShop(t, (socket, request, answer) => {
    if (endpointOf(request) !== 'place-order') return false
    orders += 1
    if (orders % 5 === 1) {
      socket.write('HTTP/1.1 409 Sold out\r\ncontent-length: 0\r\n\r\n')
      return true
    }
    stored += 1
    const whole = answer()
    // Stored, and the answer lost.
    if (orders % 5 === 2) socket.destroy()
    else socket.write(whole)
    return true
  })
  const load = loadOf(t, server.url)
  await wholeLife(load, 5, () => orders > 100)
  const totals = load.totals()
  assert.ok(totals.ordersAcknowledged <= stored)
  assert.equal(totals.ordersAcknowledged + totals.ordersInDoubt, stored)
  assert.equal(totals.quantityAcknowledged, totals.ordersAcknowledged)
  assert.ok(totals.ordersInDoubt >= 20)
})

/** The paths of each connection, in the order in which the connections were made. */
async function pathsOf(t: TestContext, seed: number, perUser: number): Promise<string[]> {
  const paths = new Map<Socket, string[]>()
  const server = await startShop(t, (socket, request) => {
    const own = paths.get(socket) ?? []
    paths.set(socket, own)
    own.push(request.path)
    // Orders take their numbers from the order of arrival: give back the product as the number.
    if (endpointOf(request) === 'place-order') {
      const { productId } = JSON.parse(request.body)
      const order = JSON.stringify({ id: productId, productId, quantity: 1 })
      socket.write(`HTTP/1.1 201 Any\r\ncontent-length: ${order.length}\r\n\r\n${order}`)
    } else if (endpointOf(request) === 'view-order') {
      const id = Number(request.path.split('/').at(-1))
      const order = JSON.stringify({ id, productId: id, quantity: 1 })
      socket.write(`HTTP/1.1 200 Any\r\ncontent-length: ${order.length}\r\n\r\n${order}`)
    } else {
      return false
    }
    return true
  })
  const load = loadOf(t, server.url, { seed })
  await load.setUsers(4)
  const enough = () => paths.size === 4 && [...paths.values()].every((own) => own.length >= perUser)
  await waitFor('enough requests of each', enough)
  await load.stop()
  return [...paths.values()].map((own) => own.slice(0, perUser).join(' ')).toSorted(byText)
}

const byText = (left: string, right: string): number => left.localeCompare(right)

test('the same seed gives the same journeys, another seed others', async (t) => {
  const first = await pathsOf(t, 1, 40)
  assert.deepEqual(await pathsOf(t, 1, 40), first)
  assert.notDeepEqual(await pathsOf(t, 2, 40), first)
})

test('raising keeps the connections that are there; lowering loses no request', async (t) => {
  const server = await startShop(t)
  const load = loadOf(t, server.url)
  load.openWindow()
  await load.setUsers(3)
  await waitFor('3 connections', () => server.connections() === 3)
  await load.setUsers(8)
  await waitFor('8 connections', () => server.connections() === 8)
  await load.setUsers(2)
  assert.equal(load.users(), 2)
  const soFar = server.requests.length
  await waitFor('more requests', () => server.requests.length > soFar + 200)
  assert.equal(server.connections(), 8)
  await load.setUsers(0)
  const outcomes = outcomesOf(await load.closeWindow())
  assert.deepEqual([outcomes.failed, outcomes.inFlight], [0, 0])
  assert.equal(outcomes.sent, server.requests.length)
})

test('a window holds what was sent in it, and nothing of before or after', async (t) => {
  const server = await startShop(t)
  const load = loadOf(t, server.url, { thinkMs: { min: 0, max: 2 } })
  await load.setUsers(5)
  await waitFor('a warm-up', () => server.requests.length > 50)
  const before = server.requests.length
  load.openWindow()
  await waitFor('a window', () => server.requests.length > before + 200)
  const closing = load.closeWindow()
  const after = server.requests.length
  const window = await closing
  const { sent } = outcomesOf(window)
  // Five users: at most five requests were on their way at either end.
  assert.ok(Math.abs(sent - (after - before)) <= 10, `${sent} of ${after - before}`)
  const bySecond = window.seconds.reduce((sum, { requests, failed }) => sum + requests + failed, 0)
  assert.equal(bySecond, sent)
})

test('a window that is closed waits for its slow requests', async (t) => {
  const pending: (() => void)[] = []
  const server = await startShop(t, (socket, _request, answer) => {
    pending.push(() => socket.write(answer()))
    return true
  })
  const load = loadOf(t, server.url)
  load.openWindow()
  await load.setUsers(1)
  await waitFor('the request', () => pending.length === 1)
  const closing = load.closeWindow()
  pending[0]?.()
  assert.deepEqual(outcomesOf(await closing), {
    sent: 1,
    succeeded: 1,
    failed: 0,
    inFlight: 0,
    journeysAborted: 0,
  })
})

test('stopping ends a window that waits, with its requests in flight, and closes all', async (t) => {
  const closed: string[] = []
  const server = await startShop(t, (socket) => {
    socket.on('close', () => closed.push('closed'))
    return true
  })
  const load = loadOf(t, server.url, { timeoutMs: 60_000 })
  load.openWindow()
  await load.setUsers(3)
  await waitFor('the requests', () => server.requests.length === 3)
  const closing = load.closeWindow()
  await load.stop()
  const outcomes = outcomesOf(await closing)
  assert.deepEqual([outcomes.sent, outcomes.inFlight], [3, 3])
  await waitFor('all connections to close', () => closed.length === 3)
})

test('nobody listening: each attempt is counted, and the users back off', async (t) => {
  const server = await startShop(t)
  await server.close()
  const load = loadOf(t, server.url)
  load.openWindow()
  await load.setUsers(5)
  await sleep(1000)
  const window = await load.closeWindow()
  const { sent, failed } = outcomesOf(window)
  assert.deepEqual(allFigures(window).errors, {
    'connection-refused': failed,
    'journey-aborted': failed,
  })
  assert.equal(sent, failed)
  // 0, 50, 150, 350 and 750 ms after the first: five attempts of five users.
  assert.ok(failed >= 5 && failed <= 25, String(failed))
})

test('a server that comes back is found again', async (t) => {
  const server = await startShop(t)
  const load = loadOf(t, server.url)
  await load.setUsers(3)
  await waitFor('requests', () => server.requests.length > 20)
  await server.close()
  load.openWindow()
  await sleep(300)
  const down = allFigures(await load.closeWindow())
  assert.equal(down.requests, 0)
  assert.ok((down.errors['connection-refused'] ?? 0) > 0)
  const again = await startShop(t, () => false, server.port)
  await waitFor('requests again', () => again.requests.length > 20)
})

test('think time is kept: as asked, from the end of an answer to the next sending', async (t) => {
  const server = await startShop(t)
  const load = loadOf(t, server.url, { thinkMs: { min: 40, max: 60 } })
  await load.setUsers(20)
  load.openWindow()
  await sleep(1500)
  const { think } = await load.closeWindow()
  assert.ok(think.observed.count > 100)
  const nominal = think.nominalMeanMs ?? 0
  assert.ok(nominal > 48 && nominal < 52, `${nominal} ms drawn from 40 to 60`)
  // Not shorter than asked, but for the whole milliseconds of a timer.
  assert.ok(think.observed.sumUs / think.observed.count / 1000 > nominal - 2)
})

test('windows do not overlap', async (t) => {
  const load = loadOf(t, 'http://127.0.0.1:1')
  await assert.rejects(load.closeWindow(), /no window is open/)
  load.openWindow()
  assert.throws(() => load.openWindow(), /a window is open/)
})

test('a URL of another protocol is refused', async (t) => {
  await assert.rejects(loadOf(t, 'ftp://127.0.0.1').setUsers(1), /http or https/)
})
