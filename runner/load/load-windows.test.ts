import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadOf, waitFor } from '../../test/fixtures/load-window.ts'
import { startShop } from '../../test/fixtures/shop-server.ts'
import { clientFigures, edgeUsers, expectedUsers, outcomesOf } from './figures.ts'
import type { WindowRecord } from './recorder.ts'

/** ms for each request, as the check of the think time has it. */
function lateMs(window: WindowRecord): number {
  const { thinkMeanMs, thinkNominalMs, thinkOverdueMs } = clientFigures(window, 0)
  return (thinkMeanMs ?? 0) - (thinkNominalMs ?? 0) + (thinkOverdueMs ?? 0)
}

/** What the law misses because of late pauses, those that the window cut among them. */
function lateUsers(window: WindowRecord): number {
  const { thinkMeanMs, thinkNominalMs } = clientFigures(window, 0)
  const endedMs = ((thinkMeanMs ?? 0) - (thinkNominalMs ?? 0)) * outcomesOf(window).sent
  return (endedMs + window.overdueMs) / 1000 / window.lengthS
}

test('a window holds what was sent in it, and nothing of before or after', async (t) => {
  const server = await startShop(t)
  const load = loadOf(t, server.url, { thinkMs: { min: 0, max: 2 } })
  await load.apply({ users: 5 })
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
  assert.equal(window.seconds.length, Math.floor(window.lengthS + 0.01))
})

test('since the start counts what the server answered, in the warm-up and in failures too', async (t) => {
  let asked = 0
  const server = await startShop(t, (socket) => {
    asked += 1
    if (asked % 3 > 0) return false
    socket.end('HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    return true
  })
  const load = loadOf(t, server.url, { thinkMs: { min: 0, max: 2 } })
  await load.apply({ users: 5 })
  await waitFor('a warm-up', () => server.requests.length > 50)
  load.openWindow()
  await waitFor('a window', () => server.requests.length > 150)
  const { sinceStart } = await load.closeWindow()
  // Five users: at most five requests were on their way at its end.
  assert.ok(sinceStart.requests > 140 && sinceStart.requests <= server.requests.length + 5)
  assert.ok(sinceStart.durationMs > 0)
})

test('the seconds of a window are whole: what is left of the last one is in no row', async (t) => {
  // On the window's own clock: between its opening and the next line a busy machine may stop for a while.
  const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6
  const arrivals: number[] = []
  const server = await startShop(t, () => {
    arrivals.push(nowMs())
    return false
  })
  const load = loadOf(t, server.url, { thinkMs: { min: 2, max: 4 } })
  await load.apply({ users: 5 })
  load.openWindow()
  const until = nowMs() + 1_500
  await waitFor('a second and a half', () => nowMs() > until)
  const window = await load.closeWindow()
  const opened = window.openedAtMs
  const whole = Math.floor(window.lengthS + 0.01)
  const bySecond = window.seconds.reduce((sum, { requests, failed }) => sum + requests + failed, 0)
  assert.equal(window.seconds.length, whole)
  const within = arrivals.filter((atMs) => atMs >= opened && atMs < opened + 1000 * whole).length
  // Five users: at most five requests were on their way at either end.
  assert.ok(Math.abs(bySecond - within) <= 10, `${bySecond} of ${within}`)
})

test('an open window gives its whole seconds so far, and one that is dropped counts nothing', async (t) => {
  const server = await startShop(t)
  const load = loadOf(t, server.url, { thinkMs: { min: 0, max: 2 } })
  await load.apply({ users: 5 })
  load.openWindow()
  const opened = performance.now()
  await waitFor('a whole second', () => performance.now() > opened + 1_100)
  assert.ok(((await load.seconds())[0]?.requests ?? 0) > 0)
  load.dropWindow()
  await assert.rejects(load.seconds(), /no window is open/)
  load.openWindow()
  assert.deepEqual(await load.seconds(), [])
  await load.closeWindow()
})

test('a window that is closed waits for its slow requests', async (t) => {
  const pending: (() => void)[] = []
  const server = await startShop(t, (socket, _request, answer) => {
    pending.push(() => socket.write(answer()))
    return true
  })
  const load = loadOf(t, server.url)
  load.openWindow()
  await load.apply({ users: 1 })
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

test('with what its edges cut a window accounts for every user, however they bunch', async (t) => {
  // Answers leave together, so that all users stand on one side of an edge or the other.
  const held: (() => void)[] = []
  const server = await startShop(t, (socket, _request, answer) => {
    held.push(() => socket.write(answer()))
    return true
  })
  const release = setInterval(() => {
    for (const write of held.splice(0)) write()
  }, 400)
  t.after(() => clearInterval(release))
  const users = 20
  const load = loadOf(t, server.url, { thinkMs: { min: 100, max: 150 } })
  await load.apply({ users })
  await waitFor('a warm-up', () => server.requests.length > 3 * users)
  const cut: number[] = []
  for (const lengthMs of [450, 700, 1_050]) {
    load.openWindow()
    const opened = performance.now()
    await waitFor('the window', () => performance.now() > opened + lengthMs)
    const window = await load.closeWindow()
    const accounted = expectedUsers(window) + lateUsers(window)
    assert.ok(Math.abs(accounted / users - 1) < 0.02, `${accounted} users in ${lengthMs} ms`)
    cut.push(Math.abs(edgeUsers(window)))
  }
  // Without them a short window would be off by many users.
  assert.ok(Math.max(...cut) > 0.1 * users, cut.join())
})

test('users who wait for one answer from before a window to after it are counted, and accounted for', async (t) => {
  const held: (() => void)[] = []
  let holds = false
  const server = await startShop(t, (socket, _request, answer) => {
    if (!holds || held.length === 8) return false
    held.push(() => socket.write(answer()))
    return true
  })
  const load = loadOf(t, server.url, { thinkMs: { min: 40, max: 60 } })
  await load.apply({ users: 20 })
  await waitFor('a warm-up', () => server.requests.length > 60)
  holds = true
  await waitFor('eight who wait', () => held.length === 8)
  load.openWindow()
  await sleep(400)
  const window = await load.closeWindow()
  assert.equal(window.stuckUsers, 8)
  // On a busy machine this process is late itself.
  const accounted = expectedUsers(window) + lateUsers(window)
  assert.ok(Math.abs(accounted / 20 - 1) < 0.02, `${accounted} of 20 users`)
  for (const write of held.splice(0)) write()
})

/** Of a window of 40 users at whose end the runner stands still for 300 ms. */
async function standsStillAtTheEnd(t: TestContext, disturb?: Parameters<typeof startShop>[1]) {
  const server = await startShop(t, disturb)
  const load = loadOf(t, server.url, { thinkMs: { min: 100, max: 150 } })
  await load.apply({ users: 40 })
  await waitFor('a warm-up', () => server.requests.length > 120)
  load.openWindow()
  await sleep(400)
  const untilMs = performance.now() + 300
  while (performance.now() < untilMs);
  return load.closeWindow()
}

test('a pause that is overdue when the window ends is late too', async (t) => {
  const window = await standsStillAtTheEnd(t)
  assert.ok(expectedUsers(window) < 35, `${expectedUsers(window)} of 40 users`)
  // What the law misses is what they were late by.
  const late = lateUsers(window)
  assert.ok(Math.abs(expectedUsers(window) + late - 40) < 0.8, `${late} users late`)
})

test('a failure hides no lateness', async (t) => {
  let refused = 0
  const window = await standsStillAtTheEnd(t, (socket, { index }) => {
    if (index % 4 !== 3) return false
    refused += 1
    // A connection that is lost backs off, which is no think time.
    if (refused % 8 === 0) socket.destroy()
    else socket.write('HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n')
    return true
  })
  assert.ok(outcomesOf(window).failed > 0)
  assert.ok(lateMs(window) > 5)
})

test('stopping ends a window that waits, with its requests in flight, and closes all', async (t) => {
  const closed: string[] = []
  const server = await startShop(t, (socket) => {
    socket.on('close', () => closed.push('closed'))
    return true
  })
  const load = loadOf(t, server.url, { timeoutMs: 60_000 })
  load.openWindow()
  await load.apply({ users: 3 })
  await waitFor('the requests', () => server.requests.length === 3)
  const closing = load.closeWindow()
  await load.stop()
  const outcomes = outcomesOf(await closing)
  assert.deepEqual([outcomes.sent, outcomes.inFlight], [3, 3])
  await waitFor('all connections to close', () => closed.length === 3)
})

test('think time is kept: as asked, from the end of an answer to the next sending', async (t) => {
  const server = await startShop(t)
  const load = loadOf(t, server.url, { thinkMs: { min: 40, max: 60 } })
  await load.apply({ users: 20 })
  load.openWindow()
  const soFar = server.requests.length
  await waitFor('a few hundred requests', () => server.requests.length > soFar + 400)
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
