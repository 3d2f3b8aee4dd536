import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { loadOf, waitFor } from '../../test/fixtures/load-window.ts'
import { startShop } from '../../test/fixtures/shop-server.ts'
import { outcomesOf } from './figures.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes that are in use once everything that can be collected is. */
async function heapBytes(): Promise<number> {
  for (let times = 0; times < 3; times += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    collect()
  }
  return process.memoryUsage().heapUsed
}

test('users who have left are forgotten: a search that goes up and down holds those that there are', async (t) => {
  const [USERS, ROUNDS] = [300, 8]
  const server = await startShop(t)
  const load = loadOf(t, server.url, { thinkMs: { min: 0, max: 50 } })
  const upAndDown = async (atTop: () => Promise<unknown> = async () => {}): Promise<void> => {
    const soFar = server.requests.length
    await load.apply({ users: USERS })
    await waitFor('each to have asked', () => server.requests.length > soFar + 2 * USERS)
    await atTop()
    await load.apply({ users: 0 })
    await waitFor('all to have left', () => server.open() === 0)
  }
  await upAndDown()
  const before = await heapBytes()
  let withUsers = 0
  await upAndDown(async () => (withUsers = (await heapBytes()) - before))
  for (let round = 1; round < ROUNDS; round += 1) await upAndDown()
  const left = (await heapBytes()) - before
  assert.ok(withUsers > 2e6, `${withUsers} bytes of ${USERS} users`)
  assert.ok(left < withUsers, `${left} bytes of ${ROUNDS} times ${withUsers} are left`)
})

test('what a user who has left got unasked is still counted', async (t) => {
  const server = await startShop(t, (socket, request, answer) => {
    // Two answers to its third request.
    socket.write(request.index === 2 ? `${answer()}${answer()}` : answer())
    return true
  })
  const load = loadOf(t, server.url)
  load.openWindow()
  await load.apply({ users: 4 })
  await waitFor('each to have had it', () => server.connections() >= 8)
  await load.apply({ users: 0 })
  const window = await load.closeWindow()
  assert.ok(window.strays >= 4, `${window.strays}`)
})

test('a user who is retired with a request on its way leaves with its answer, or when the load stops', async (t) => {
  const held: (() => void)[] = []
  const server = await startShop(t, (socket, _request, answer) => {
    held.push(() => socket.write(answer()))
    return true
  })
  const load = loadOf(t, server.url)
  load.openWindow()
  await load.apply({ users: 2 })
  await waitFor('both requests', () => held.length === 2)
  await load.apply({ users: 0 })
  held[0]?.()
  await waitFor('one to have left', () => server.open() === 1)
  const closing = load.closeWindow()
  await load.stop()
  await waitFor('the other to have left', () => server.open() === 0)
  const { sent, succeeded, inFlight } = outcomesOf(await closing)
  assert.deepEqual([sent, succeeded, inFlight], [2, 1, 1])
})
