import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { endpointOf, waitFor, wholeLife } from '../../test/fixtures/load-window.ts'
import { jsonResponse, type RawServer, startShop } from '../../test/fixtures/shop-server.ts'
import { SHOP, SHOP_ENDPOINTS, shopJourney, under } from '../../test/fixtures/shop.ts'
import { outcomesOf } from './figures.ts'
import { startClosed } from './closed.ts'
import type { Load } from './load.ts'
import { startLoaders, type Loaders } from './loaders.ts'

const OPTIONS = { thinkMs: { min: 20, max: 20 }, timeoutMs: 5000, seed: 1 }
const SHARED = { ...OPTIONS, scenario: SHOP.source }

async function loadersOf(t: TestContext, count: number, answerWithinMs?: number): Promise<Loaders> {
  const loaders = await startLoaders(count, answerWithinMs)
  t.after(() => loaders[Symbol.asyncDispose]())
  return loaders
}

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

test('every request of four processes is in the one window, exactly as the server saw it', async (t) => {
  const server = await startShop(t)
  const loaders = await loadersOf(t, 4)
  const load = loaders.start({ ...SHARED, url: server.url })
  const window = await wholeLife(load, 10, () => server.requests.length > 1000)
  await load.stop()
  for (const endpoint of SHOP_ENDPOINTS) {
    const seen = server.requests.filter((request) => endpointOf(request) === endpoint)
    assert.equal(under(endpoint, window.endpoints).success.count, seen.length, endpoint)
  }
  assert.equal(outcomesOf(window).sent, server.requests.length)
  const orders = server.requests.filter((request) => endpointOf(request) === 'place-order').length
  const totals = load.totals()
  assert.deepEqual([totals.ordersAcknowledged, totals.ordersInDoubt], [orders, 0])
})

test('each process has its share of the users, and their windows open together', async (t) => {
  const server = await startShop(t)
  const loaders = await loadersOf(t, 3)
  const load = loaders.start({ ...SHARED, url: server.url })
  await load.apply({ users: 8 })
  await waitFor('8 connections', () => server.connections() === 8)
  // Cores that are busy with something else make one late now and then, but not each time.
  const late: number[] = []
  let window = await windowOf(load)
  for (let more = 0; more < 10; more += 1) {
    late.push(Math.max(...(window.loaders ?? []).map(({ openedAfterMs }) => openedAfterMs)))
    if (Math.min(...late) < 100) break
    window = await windowOf(load)
  }
  const { loaders: each = [], cpuS } = window
  await load.stop()
  assert.deepEqual(
    each.map(({ users }) => users),
    [3, 3, 2],
  )
  assert.ok(Math.min(...late) < 100, `the last window opened ${late.join()} ms after the first`)
  assert.ok(each.every((one) => one.cpuS > 0 && one.memoryBytes > 20e6 && one.idleDelayP99Ms >= 0))
  assert.ok(Math.abs(cpuS - each.reduce((sum, one) => sum + one.cpuS, 0)) < 1e-9)
})

async function windowOf(load: Load) {
  load.openWindow()
  await delay(50)
  return load.closeWindow()
}

/** What each connection asked for, in order: the products that its user chose. */
async function journeysOf(t: TestContext, start: (server: RawServer) => Load): Promise<string[]> {
  const PER_USER = 12
  const paths = new Map<Socket, string[]>()
  const server = await startShop(t, (socket, request) => {
    const own = paths.get(socket) ?? []
    paths.set(socket, own)
    if (endpointOf(request) !== 'view-order') own.push(request.path)
    return false
  })
  const load = start(server)
  await load.apply({ users: 5 })
  await waitFor('enough requests of each', () => {
    const all = [...paths.values()]
    return all.length === 5 && all.every((own) => own.length >= PER_USER)
  })
  await load.stop()
  return [...paths.values()]
    .map((own) => own.slice(0, PER_USER).join(' '))
    .toSorted((left, right) => left.localeCompare(right))
}

test('users choose what they would have chosen in one process', async (t) => {
  const loaders = await loadersOf(t, 2)
  const one = await journeysOf(t, ({ url }) =>
    startClosed({ ...OPTIONS, url, journey: shopJourney }),
  )
  assert.equal(new Set(one).size, 5, 'every user has a journey of its own')
  const shared = await journeysOf(t, ({ url }) => loaders.start({ ...SHARED, url }))
  assert.deepEqual(shared, one)
})

test('one pool has load after load, and ends with all of its processes', async (t) => {
  const server = await startShop(t)
  const loaders = await loadersOf(t, 2)
  for (const users of [2, 4]) {
    const load = loaders.start({ ...SHARED, url: server.url })
    const soFar = server.requests.length
    const window = await wholeLife(load, users, () => server.requests.length > soFar + 50)
    await load.stop()
    assert.equal(outcomesOf(window).sent, server.requests.length - soFar)
  }
  await loaders[Symbol.asyncDispose]()
  await waitFor('the processes to be gone', () => loaders.pids.every(isGone))
})

test('a loader that ends in mid-stage is named, and the orders are not said to be counted', async (t) => {
  const server = await startShop(t)
  const loaders = await loadersOf(t, 2)
  const load = loaders.start({ ...SHARED, url: server.url })
  await load.apply({ users: 4 })
  load.openWindow()
  process.kill(loaders.pids[1] ?? 0, 'SIGKILL')
  await assert.rejects(load.closeWindow(), /^Error: Loader 2 of 2 ended \(SIGKILL\): its requests/)
  await load.stop()
  assert.throws(() => load.totals(), /Loader 2 of 2 ended .* cannot be audited/)
})

/** What a stage asks of a load, from the warm-up to the end of its window. */
const MOMENTS: readonly (readonly [string, (load: Load) => Promise<unknown>, RegExp])[] = [
  ['the users change', (load) => load.apply({ users: 4 }), /"apply"/],
  [
    'the warm-up looks at its seconds, and forgets them',
    async (load) => {
      load.openWindow()
      await load.seconds().finally(() => load.dropWindow())
    },
    /"open-window"/,
  ],
  [
    'a window is opened and closed',
    (load) => {
      load.openWindow()
      return load.closeWindow()
    },
    /"open-window"/,
  ],
]

for (const [what, ask, asked] of MOMENTS) {
  test(`a loader that hangs while ${what} is named within a bound, and ended`, async (t) => {
    const server = await startShop(t)
    const loaders = await loadersOf(t, 2, 10_000)
    const load = loaders.start({ ...SHARED, timeoutMs: 100, url: server.url })
    await load.apply({ users: 2 })
    loaders.check()
    process.kill(loaders.pids[0] ?? 0, 'SIGSTOP')
    const named =
      /Loader 1 of 2 \(process \d+\) did not answer .* within 10 s: .* cannot be audited/
    await assert.rejects(
      ask(load),
      (error: Error) => named.test(error.message) && asked.test(error.message),
    )
    // Stopped, it would go on with its users later, in the midst of another trial.
    await waitFor('its end', () => isGone(loaders.pids[0] ?? 0))
    await load.stop()
    assert.throws(() => load.totals(), named)
    assert.throws(() => loaders.check(), named)
    const next = loaders.start({ ...SHARED, url: server.url })
    await assert.rejects(next.apply({ users: 2 }), named)
    await next.stop()
  })
}

test('a signal to the whole group leaves the loaders to their parent', async (t) => {
  const server = await startShop(t)
  const loaders = await loadersOf(t, 2)
  const load = loaders.start({ ...SHARED, url: server.url })
  load.openWindow()
  await load.apply({ users: 2 })
  for (const pid of loaders.pids) process.kill(pid, 'SIGINT')
  await delay(50)
  await waitFor('more requests', () => server.requests.length > 20)
  assert.equal(outcomesOf(await load.closeWindow()).failed, 0)
  await load.stop()
})

test('the sign-ins of all processes are counted together', async (t) => {
  const server = await startShop(t, (socket, { path }) => {
    if (path !== '/sign-in') return false
    socket.write(jsonResponse(200, '{"token":"a.b.c"}'))
    return true
  })
  const loaders = await loadersOf(t, 2)
  const load = loaders.start({ ...SHARED, url: server.url, signIn: true })
  const { succeeded, failed } = (await load.apply({ users: 5 })) ?? {}
  assert.deepEqual([succeeded, failed], [5, 0])
  await load.stop()
})

test('a URL of another protocol is refused', async (t) => {
  const loaders = await loadersOf(t, 2)
  const load = loaders.start({ ...SHARED, url: 'ftp://127.0.0.1' })
  await assert.rejects(load.apply({ users: 2 }), /Loader [12] of 2: .*http or https/)
})
