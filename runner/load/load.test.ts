import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { endpointOf, loadOf, waitFor, wholeLife } from '../../test/fixtures/load-window.ts'
import { jsonResponse, orderWith, startShop } from '../../test/fixtures/shop-server.ts'
import { SHOP_ENDPOINTS, under } from '../../test/fixtures/shop.ts'
import { allFigures, outcomesOf } from './figures.ts'

test('each request is counted under its own endpoint, exactly as the server saw it', async (t) => {
  const server = await startShop(t)
  const load = loadOf(t, server.url)
  const window = await wholeLife(load, 10, () => server.requests.length > 2000)
  for (const endpoint of SHOP_ENDPOINTS) {
    const seen = server.requests.filter((request) => endpointOf(request) === endpoint).length
    assert.equal(under(endpoint, window.endpoints).success.count, seen, endpoint)
  }
  assert.deepEqual(allFigures(window).errors, {})
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
      socket.write(jsonResponse(201, orderWith(productId, productId)))
    } else if (endpointOf(request) === 'view-order') {
      const id = Number(request.path.split('/').at(-1))
      socket.write(jsonResponse(200, orderWith(id, id)))
    } else {
      return false
    }
    return true
  })
  const load = loadOf(t, server.url, { seed })
  await load.apply({ users: 4 })
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
  await load.apply({ users: 3 })
  await waitFor('3 connections', () => server.connections() === 3)
  await load.apply({ users: 8 })
  await waitFor('8 connections', () => server.connections() === 8)
  await load.apply({ users: 2 })
  const soFar = server.requests.length
  await waitFor('more requests', () => server.requests.length > soFar + 200)
  assert.equal(server.connections(), 8)
  await load.apply({ users: 0 })
  const outcomes = outcomesOf(await load.closeWindow())
  assert.deepEqual([outcomes.failed, outcomes.inFlight], [0, 0])
  assert.equal(outcomes.sent, server.requests.length)
})

test('a URL of another protocol is refused', async (t) => {
  await assert.rejects(loadOf(t, 'ftp://127.0.0.1').apply({ users: 1 }), /http or https/)
})
