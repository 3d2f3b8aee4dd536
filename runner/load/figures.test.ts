import assert from 'node:assert/strict'
import { test } from 'node:test'
import { windowOf } from '../../test/fixtures/load-window.ts'
import { under } from '../../test/fixtures/shop.ts'
import {
  allFigures,
  clientFigures,
  endpointFigures,
  expectedUsers,
  meanWithTimeoutsMs,
  outcomesOf,
  waitedFigures,
} from './figures.ts'

const PAUSE = { nominalMs: 500, observedMs: 501 }

const mixed = windowOf(10, (recorder) => {
  for (const durationMs of [10, 20, 30]) {
    recorder.sent('list-products', PAUSE)
    recorder.succeeded('list-products', 0, durationMs)
  }
  recorder.sent('place-order', PAUSE)
  recorder.succeeded('place-order', 0, 100)
  recorder.sent('place-order', PAUSE)
  recorder.failed('place-order', 0, 10_001, 'timeout')
  recorder.sent('place-order', PAUSE)
  recorder.failed('place-order', 0, 1, 'status-503')
  recorder.sent('view-order', PAUSE)
  recorder.journeyAborted()
  recorder.journeyAborted()
})

test('figures of an endpoint are of its successes alone, failures stand by class', () => {
  const { requests, throughputPerS, meanMs, maxMs, errors } = under(
    'place-order',
    endpointFigures(mixed),
  )
  assert.deepEqual(
    { requests, throughputPerS, meanMs, maxMs, errors },
    {
      requests: 1,
      throughputPerS: 0.1,
      meanMs: 100,
      maxMs: 100,
      errors: { timeout: 1, 'status-503': 1 },
    },
  )
})

test('figures of all endpoints together also name the aborted journeys', () => {
  const { requests, meanMs, errors } = allFigures(mixed)
  assert.deepEqual(
    { requests, meanMs, errors },
    { requests: 4, meanMs: 40, errors: { timeout: 1, 'status-503': 1, 'journey-aborted': 2 } },
  )
})

test('an endpoint without a request has no latency', () => {
  const { requests, meanMs, p99Ms, maxMs } = under('view-product', endpointFigures(mixed))
  assert.deepEqual([requests, meanMs, p99Ms, maxMs], [0, null, null, null])
})

test('the client’s event loop is that of the loader that was latest over its own idle state', () => {
  const loader = {
    users: 10,
    openedAfterMs: 0,
    lengthS: 10,
    sent: 100,
    cpuS: 3,
    eventLoopDelayP99Ms: 9,
    idleDelayP99Ms: 8,
    memoryBytes: 1,
  }
  const latest = { ...loader, cpuS: 1, eventLoopDelayP99Ms: 5, idleDelayP99Ms: 1 }
  const window = { ...mixed, cpuS: 7, loaders: [loader, latest, loader] }
  const { loaders = [], ...client } = clientFigures(window, 0)
  assert.deepEqual(
    [client.cpuCores, client.eventLoopDelayP99Ms, client.eventLoopDelayIdleP99Ms],
    [0.7, 5, 1],
  )
  assert.deepEqual(
    loaders.map(({ cpuCores }) => cpuCores),
    [0.3, 0.1, 0.3],
  )
})

test('outcomes add up', () => {
  assert.deepEqual(outcomesOf(mixed), {
    sent: 7,
    succeeded: 4,
    failed: 2,
    inFlight: 1,
    journeysAborted: 2,
  })
})

test('a window whose outcomes do not add up is refused', () => {
  const broken = {
    ...mixed,
    endpoints: {
      ...mixed.endpoints,
      'view-order': { ...under('view-order', mixed.endpoints), inFlight: 0 },
    },
  }
  assert.throws(() => outcomesOf(broken), /do not add up/)
})

test('the mean with time-outs counts each at the limit, whatever it took', () => {
  assert.equal(meanWithTimeoutsMs(mixed), (160 + 10_000) / 5)
  assert.equal(meanWithTimeoutsMs(windowOf(1, () => {})), null)
})

/** 960 answers of 100 ms, and 40 requests that failed. */
const ofFailures = (durationMs: number, error: string) =>
  windowOf(10, (recorder) => {
    for (let at = 0; at < 1000; at += 1) {
      recorder.sent('list-products', { nominalMs: 500, observedMs: 500 })
      if (at < 960) recorder.succeeded('list-products', at, 100)
      else recorder.failed('list-products', at, durationMs, error)
    }
  })

test('who got no good answer waited until the failure: that counts in the mean and the p95', () => {
  for (const [window, meanMs, p95Ms] of [
    [ofFailures(10_000, 'timeout'), 496, 100],
    [ofFailures(2_000, 'status-504'), 176, 100],
  ] as const) {
    const waited = waitedFigures(window)
    assert.equal(waited.meanMs, meanMs)
    assert.ok(Math.abs((waited.p95Ms ?? 0) - p95Ms) < 0.2)
  }
  // Of the 60 slowest of 1,000 fifty are past the p95: it is a time-out.
  const many = windowOf(10, (recorder) => {
    for (let at = 0; at < 1000; at += 1) {
      recorder.sent('list-products', { nominalMs: 500, observedMs: 500 })
      if (at < 940) recorder.succeeded('list-products', at, 100)
      else recorder.failed('list-products', at, 10_000, 'timeout')
    }
  })
  assert.ok((waitedFigures(many).p95Ms ?? 0) > 9_900)
})

test('a service that refuses at once is not the faster for it', () => {
  const waited = waitedFigures(ofFailures(1, 'status-503'))
  assert.equal(waited.meanMs, 100)
  assert.ok(Math.abs((waited.p95Ms ?? 0) - 100) < 0.2)
})

test('where nobody was answered a time-out says how long users waited, a refusal does not', () => {
  const nobody = (error: string) =>
    waitedFigures(
      windowOf(1, (recorder) => {
        recorder.sent('list-products', { nominalMs: 500, observedMs: 500 })
        recorder.failed('list-products', 0, 10_000, error)
      }),
    )
  assert.deepEqual(nobody('timeout'), { meanMs: 10_000, p95Ms: 10_000 })
  assert.deepEqual(nobody('connection-refused'), { meanMs: null, p95Ms: null })
})

test('the client is shown beside its idle self', () => {
  const client = clientFigures(mixed, 0.3)
  assert.equal(client.cpuCores, 0.05)
  assert.deepEqual([client.eventLoopDelayP99Ms, client.eventLoopDelayIdleP99Ms], [2, 0.3])
  assert.equal(client.thinkMeanMs, 501)
})

const loop = (users: number, answerMs: number, pauseMs: number, lengthS: number) =>
  windowOf(lengthS, (recorder) => {
    const cycles = Math.round((users * lengthS * 1000) / (answerMs + pauseMs))
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      recorder.sent('list-products', { nominalMs: pauseMs, observedMs: pauseMs })
      recorder.succeeded('list-products', 0, answerMs)
    }
  })

test("Little's law gives back the users of a perfect closed loop", () => {
  assert.ok(Math.abs(expectedUsers(loop(60, 100, 500, 60)) - 60) < 1e-9)
  assert.ok(Math.abs(expectedUsers(loop(70, 160, 500, 66)) - 70) < 1e-9)
  assert.equal(expectedUsers(windowOf(1, () => {})), 0)
})

test("Little's law counts the time that failures take, and the backoff after them", () => {
  // One user for 10 s: 5 time-outs of a second each, and a pause of a second after each.
  const failing = windowOf(10, (recorder) => {
    for (let cycle = 0; cycle < 5; cycle += 1) {
      recorder.sent('list-products', { nominalMs: 1000, observedMs: undefined })
      recorder.failed('list-products', 0, 1000, 'timeout')
    }
  })
  assert.equal(expectedUsers(failing), 1)
})

test("Little's law shows a client that pauses longer than it was asked to", () => {
  // 60 users asked to pause 500 ms who pause 700: with the pause observed this would read 60.
  const late = windowOf(80, (recorder) => {
    for (let cycle = 0; cycle < 60 * 100; cycle += 1) {
      recorder.sent('list-products', { nominalMs: 500, observedMs: 700 })
      recorder.succeeded('list-products', 0, 100)
    }
  })
  assert.equal(expectedUsers(late), 45)
})

test('users who cannot connect do not make the runner late by all of them together', () => {
  const nobody = { ...windowOf(10, () => {}), overdueMs: 30, overduePauses: 100 }
  assert.equal(clientFigures(nobody, 1).thinkOverdueMs, 0.3)
  // A runner that stands still makes each of them late.
  const late = { ...windowOf(10, () => {}), overdueMs: 50_000, overduePauses: 100 }
  assert.equal(clientFigures(late, 1).thinkOverdueMs, 500)
})
