import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { endpointOf, loadOf, waitFor, wholeLife } from '../../test/fixtures/load-window.ts'
import {
  jsonResponse,
  type RawRequest,
  response,
  startShop,
} from '../../test/fixtures/shop-server.ts'
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

/** What each connection asked for, in order, but for numbers of orders, which come of no seed. */
async function pathsOf(t: TestContext, seed: number, perUser: number): Promise<string[]> {
  const paths = new Map<Socket, string[]>()
  const server = await startShop(t, (socket, request) => {
    const own = paths.get(socket) ?? []
    paths.set(socket, own)
    own.push(
      endpointOf(request) === 'place-order'
        ? JSON.stringify(JSON.parse(request.body).items)
        : request.path.replace(/orders\/.*/, 'orders'),
    )
    return false
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

/** A shop at which each user signs in first; `answer` of its n-th sign-in, from 1. */
const startWithSignIn = (t: TestContext, answer: (n: number) => string) => {
  let signIns = 0
  return startShop(t, (socket, { path }) => {
    if (path !== '/sign-in') return false
    signIns += 1
    socket.write(answer(signIns))
    return true
  })
}
const isSignIn = ({ path }: RawRequest): boolean => path === '/sign-in'

test('each new user signs in first, as itself; the level is held once all have, whatever they were answered', async (t) => {
  const server = await startWithSignIn(t, (n) =>
    n === 2 ? response(500, '{}') : jsonResponse(200, '{"token":"a.b.c"}'),
  )
  const load = loadOf(t, server.url, { signIn: true })
  const applied = await load.apply({ users: 3 })
  assert.deepEqual([applied?.succeeded, applied?.failed], [2, 1])
  assert.ok((applied?.totalMs ?? 0) > 0)
  const first = server.requests.filter(({ index }) => index === 0)
  assert.ok(first.length === 3 && first.every(isSignIn))
  const emails = first.map(({ body }) => JSON.parse(body).email)
  assert.equal(new Set(emails).size, 3)
  assert.ok(emails.every((email) => /^user-\d+@example\.com$/.test(email)))

  load.openWindow()
  const soFar = server.requests.length
  await waitFor('more requests', () => server.requests.length > soFar + 100)
  assert.equal((await load.apply({ users: 5 }))?.succeeded, 2)
  await load.apply({ users: 0 })
  const window = await load.closeWindow()
  const { sent, failed } = outcomesOf(window)
  const within = server.requests.slice(soFar).filter((request) => !isSignIn(request))
  // Those that the window opened upon are of no window.
  assert.ok(sent <= within.length + 3 && sent > within.length - 4, `${sent} of ${within.length}`)
  assert.equal(failed, 0)
  assert.deepEqual(Object.keys(window.endpoints), SHOP_ENDPOINTS)
  assert.equal(server.requests.filter(isSignIn).length, 5)
})

test('a crowd signs in three at a time, and those who are there go on meanwhile', async (t) => {
  const held: (() => void)[] = []
  let most = 0
  const server = await startShop(t, (socket, { path }) => {
    if (path !== '/sign-in') return false
    held.push(() => socket.write(jsonResponse(200, '{"token":"a.b.c"}')))
    most = Math.max(most, held.length)
    return true
  })
  const load = loadOf(t, server.url, { signIn: true })
  const applied = load.apply({ users: 8 })
  const letIn = async (): Promise<void> => {
    await waitFor('a sign-in', () => held.length > 0)
    held.shift()?.()
  }
  await waitFor('three', () => held.length === 3)
  await letIn()
  const soFar = server.requests.filter((request) => !isSignIn(request)).length
  const others = () => server.requests.filter((request) => !isSignIn(request)).length
  await waitFor('requests of the one who is in', () => others() > soFar + 20)
  for (let user = 1; user < 8; user += 1) await letIn()
  assert.deepEqual([(await applied)?.succeeded, most], [8, 3])
})

test('whoever leaves before the sign-in has ended is not waited for', async (t) => {
  const server = await startWithSignIn(t, () => '')
  const load = loadOf(t, server.url, { signIn: true })
  const applied = load.apply({ users: 5 })
  await waitFor('three sign-ins', () => server.requests.length === 3)
  await load.stop()
  assert.deepEqual(await applied, { succeeded: 0, failed: 0, totalMs: 0 })
})

test('nobody signs in where it is not asked for', async (t) => {
  const server = await startShop(t)
  const load = loadOf(t, server.url)
  assert.equal(await load.apply({ users: 2 }), null)
  await waitFor('requests', () => server.requests.length > 20)
  assert.ok(!server.requests.some(isSignIn))
})
