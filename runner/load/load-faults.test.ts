import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { endpointOf, loadOf, waitFor, wholeLife } from '../../test/fixtures/load-window.ts'
import { response, startShop } from '../../test/fixtures/shop-server.ts'
import { SHOP_ENDPOINTS, under } from '../../test/fixtures/shop.ts'
import { allFigures, outcomesOf } from './figures.ts'
import { drawInteger } from '../scenario/journey.ts'
import { createRandom } from './random.ts'
import { backoffMs } from './user.ts'

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
    const served: string[] = []
    let goodbyes = 0
    const server = await startShop(t, (socket, request, answer) => {
      served.push(endpointOf(request))
      if (request.index !== 6) return false
      goodbyes += 1
      sayGoodbye(socket, answer())
      return true
    })
    const load = loadOf(t, server.url)
    const window = await wholeLife(load, 5, () => server.requests.length > 700)
    assert.ok(goodbyes >= 50)
    // A request that meets the goodbye on its way is lost; no answer may reach the wrong request,
    // which would show as a body or a status that was not the one promised.
    const lost = allFigures(window).errors['connection-lost'] ?? 0
    assert.equal(outcomesOf(window).failed, lost, JSON.stringify(allFigures(window).errors))
    for (const endpoint of SHOP_ENDPOINTS) {
      const { success } = under(endpoint, window.endpoints)
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
  const load = loadOf(t, server.url, { timeoutMs: 5000 })
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

test('nobody listening: each attempt is counted, and the users back off', async (t) => {
  const server = await startShop(t)
  await server.close()
  const load = loadOf(t, server.url)
  load.openWindow()
  await load.apply({ users: 5 })
  await sleep(1000)
  const window = await load.closeWindow()
  const { sent, failed } = outcomesOf(window)
  assert.deepEqual(allFigures(window).errors, {
    'connection-refused': failed,
    'journey-aborted': failed,
  })
  assert.equal(sent, failed)
  // After 50, 100, 200, 400, 800 ms, and then a second each: so many attempts fit into the window.
  let [attempts, atMs] = [1, 0]
  while ((atMs += backoffMs(attempts)) < window.lengthS * 1000) attempts += 1
  assert.ok(failed >= 5 && failed <= 5 * attempts, `${failed} of at most ${5 * attempts}`)
})

test('a server that comes back is found again', async (t) => {
  const server = await startShop(t)
  const load = loadOf(t, server.url)
  await load.apply({ users: 3 })
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
