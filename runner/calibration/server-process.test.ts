import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { outcomesOf } from '../load/figures.ts'
import { countLosses, countRestart } from './losses.ts'
import { exactStatistics, measureWindow, rowOf } from './measure.ts'
import { startDelayServer } from './server-process.ts'

const STAGE = { users: 10, thinkMs: 20, warmUpS: 0.3, holdS: 1, seed: 1 }

test('the server logs what it waited', async () => {
  await using server = await startDelayServer()
  const { window, log } = await measureWindow(server, { ...STAGE, delay: '10ms' })
  assert.equal(outcomesOf(window).failed, 0)
  assert.ok(log.serviceMs.length > 100)
  // The median: a single timer may count from a clock that a busy event loop last read long ago.
  assert.ok(exactStatistics(log.serviceMs).p50Ms > 9)
  assert.ok(exactStatistics(log.gapMs.filter((gapMs) => !Number.isNaN(gapMs))).p50Ms > 18)
})

test('both processes read one clock: the window finds its own requests in the log', async () => {
  await using server = await startDelayServer()
  const { window, log } = await measureWindow(server, { ...STAGE, delay: '0ms' })
  const { sent } = outcomesOf(window)
  const closedAtMs = window.openedAtMs + window.lengthS * 1000
  const within = log.arrivedAtMs.filter((ms) => ms >= window.openedAtMs && ms < closedAtMs).length
  // Requests on their way at the two ends of the window, at most one a user each.
  assert.ok(Math.abs(within - sent) <= 2 * STAGE.users, `${within} of ${sent}`)
  const row = rowOf({ ...STAGE, delay: '0ms', idleDelayP99Ms: 1 }, window, log, 100)
  // What was measured holds the service time and the way there and back, whatever the machine does.
  assert.ok(row.measured.p50Ms > row.truth.p50Ms)
})

test('losses counted = losses injected, each received request attributed to its endpoint', async () => {
  await using server = await startDelayServer()
  const rows = await countLosses(server, { users: 20, holdS: 3, seed: 1 })
  assert.deepEqual(
    rows.filter(({ passed }) => !passed),
    [],
  )
  assert.ok(rows.every(({ injected, fault }) => injected > 0 || fault.startsWith('Connection')))
})

test('a restart: what it cut is counted, the refused are counted, and all users come back', async () => {
  await using server = await startDelayServer()
  const rows = await countRestart(server, { users: 20, holdS: 1, seed: 1 })
  assert.deepEqual(
    rows.filter(({ passed }) => !passed),
    [],
  )
})

test('a server that is disposed of is gone', async () => {
  let url = ''
  {
    await using server = await startDelayServer()
    url = server.url
    assert.equal((await fetch(`${url}/0ms/products/1`)).status, 200)
  }
  await sleep(0)
  await assert.rejects(fetch(`${url}/0ms/products/1`))
})
