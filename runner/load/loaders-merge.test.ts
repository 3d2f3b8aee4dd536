import assert from 'node:assert/strict'
import { test } from 'node:test'
import { windowOf } from '../../test/fixtures/load-window.ts'
import { SHOP_ENDPOINTS, under } from '../../test/fixtures/shop.ts'
import type { Distribution } from './distribution.ts'
import {
  allFigures,
  endpointFigures,
  expectedUsers,
  outcomesOf,
  sinceStartFigures,
} from './figures.ts'
import { mergeWindows, packWindow, unpackWindow } from './loaders-merge.ts'
import { createRandom } from './random.ts'
import type { Recorder, WindowRecord } from './recorder.ts'

const LENGTH_S = 10
const LOADERS = 4

/** What a user's requests came to, in the order in which it sent them. */
type Recorded = Readonly<{ user: number; record(recorder: Recorder): void }>

/** Latencies from microseconds to minutes, failures, aborted journeys, and requests without an end. */
function recordedStream(requests: number): Recorded[] {
  const random = createRandom(7)
  return Array.from({ length: requests }, () => {
    const user = Math.floor(random() * 1000)
    const endpoint = SHOP_ENDPOINTS[Math.floor(random() * SHOP_ENDPOINTS.length)] ?? 'list-products'
    const sentAtMs = random() * LENGTH_S * 1000
    const durationMs = 10 ** (random() * 8 - 3)
    const nominalMs = random() < 0.1 ? undefined : 495 + random() * 10
    const observedMs = nominalMs === undefined || random() < 0.05 ? undefined : nominalMs + random()
    const fate = random()
    return {
      user,
      record(recorder) {
        recorder.sent(endpoint, { nominalMs, observedMs })
        if (fate < 0.9) recorder.succeeded(endpoint, sentAtMs, durationMs)
        else if (fate < 0.95) recorder.failed(endpoint, sentAtMs, durationMs, 'timeout')
        else if (fate < 0.99) recorder.failed(endpoint, sentAtMs, durationMs, 'status-503')
        if (fate >= 0.9) recorder.journeyAborted()
        else if (endpoint === 'view-order') recorder.journeyCompleted()
      },
    }
  })
}

const STREAM = recordedStream(40_000)
const one = windowOf(LENGTH_S, (recorder) => {
  for (const { record } of STREAM) record(recorder)
})
const parts = Array.from({ length: LOADERS }, (_, loader) =>
  windowOf(LENGTH_S, (recorder) => {
    for (const { user, record } of STREAM) if (user % LOADERS === loader) record(recorder)
  }),
)
const loaderWindow = (window: WindowRecord) => ({
  // As it comes from another process.
  window: unpackWindow(structuredClone(packWindow(window))),
  users: 250,
  idleDelayP99Ms: 0.5,
  memoryBytes: 80e6,
})
const merged = mergeWindows(parts.map(loaderWindow))

/** Every bin that is not empty: its lowest value in microseconds, and its count. */
function bins({ histogram }: Distribution): [number, number][] {
  const { countsArrayLength, getCountAtIndex, valueFromIndex } = histogram as unknown as Readonly<{
    countsArrayLength: number
    getCountAtIndex(index: number): number
    valueFromIndex(index: number): number
  }>
  return Array.from({ length: countsArrayLength }, (_, index): [number, number] => [
    valueFromIndex.call(histogram, index),
    getCountAtIndex.call(histogram, index),
  ]).filter(([, count]) => count > 0)
}

const near = (actual: number | null, expected: number | null, name: string): void => {
  if (actual === null || expected === null) return assert.equal(actual, expected, name)
  // Sums of floating-point numbers in another order.
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.abs(expected),
    `${name}: ${actual} ${expected}`,
  )
}

test('the histograms of four loaders, merged, are those of one, bin by bin', () => {
  for (const name of SHOP_ENDPOINTS) {
    const [four, whole] = [under(name, merged.endpoints), under(name, one.endpoints)]
    assert.ok(bins(whole.success).length > 1000, `${name}: a stream that fills many bins`)
    assert.deepEqual(bins(four.success), bins(whole.success), name)
    assert.deepEqual(bins(four.failure), bins(whole.failure), name)
    for (const kind of ['success', 'failure'] as const) {
      assert.equal(four[kind].count, whole[kind].count)
      assert.equal(four[kind].maxUs, whole[kind].maxUs)
      near(four[kind].sumUs, whole[kind].sumUs, `${name} ${kind}`)
    }
  }
  assert.deepEqual(bins(merged.think.observed), bins(one.think.observed))
})

test('outcomes, errors and journeys of four loaders are those of one', () => {
  assert.deepEqual(outcomesOf(merged), outcomesOf(one))
  const { errors } = allFigures(merged)
  assert.deepEqual(errors, allFigures(one).errors)
  assert.ok(Object.keys(errors).length === 3)
  assert.equal(merged.journeysCompleted, one.journeysCompleted)
  for (const name of SHOP_ENDPOINTS) {
    const { meanMs, ...four } = under(name, endpointFigures(merged))
    const { meanMs: wholeMeanMs, ...whole } = under(name, endpointFigures(one))
    assert.deepEqual(four, whole)
    near(meanMs, wholeMeanMs, name)
  }
})

test('seconds, think time and Little’s law of four loaders are those of one', () => {
  const counts = ({ seconds }: WindowRecord) =>
    seconds.map(({ atS, requests, failed }) => [atS, requests, failed])
  assert.deepEqual(counts(merged), counts(one))
  merged.seconds.forEach(({ meanMs }, at) => near(meanMs, one.seconds[at]?.meanMs ?? null, `${at}`))
  assert.equal(merged.think.pauses, one.think.pauses)
  near(merged.think.nominalMeanMs, one.think.nominalMeanMs, 'think')
  near(expectedUsers(merged), expectedUsers(one), 'users')
})

test('since the start counts what all loaders answered', () => {
  const [first = one, second = one] = parts
  const two = mergeWindows(
    [
      { ...first, sinceStart: { requests: 3, durationMs: 30 } },
      { ...second, sinceStart: { requests: 1, durationMs: 50 } },
    ].map(loaderWindow),
  )
  assert.deepEqual(two.sinceStart, { requests: 4, durationMs: 80 })
  assert.deepEqual(sinceStartFigures(two), { requests: 4, meanMs: 20 })
  assert.equal(sinceStartFigures(windowOf(1, () => {})).meanMs, null)
})

test('CPU time is summed, the event loop is the latest one’s, and each loader keeps its own', () => {
  const [first = one, second = one] = parts
  const late = { ...second, openedAtMs: 3, lengthS: LENGTH_S + 2, eventLoopDelayP99Ms: 9 }
  const two = mergeWindows([first, late].map(loaderWindow))
  assert.equal(two.cpuS, first.cpuS + late.cpuS)
  assert.equal(two.eventLoopDelayP99Ms, 9)
  assert.equal(two.lengthS, LENGTH_S + 1)
  assert.deepEqual(
    two.loaders?.map(({ openedAfterMs, sent, eventLoopDelayP99Ms }) => [
      openedAfterMs,
      sent,
      eventLoopDelayP99Ms,
    ]),
    [
      [0, outcomesOf(first).sent, first.eventLoopDelayP99Ms],
      [3, outcomesOf(late).sent, 9],
    ],
  )
})

test('loaders of which one had no request at all are those that had', () => {
  const idle = windowOf(LENGTH_S, () => {})
  const two = mergeWindows([one, idle].map(loaderWindow))
  assert.deepEqual(outcomesOf(two), outcomesOf(one))
  for (const name of SHOP_ENDPOINTS) {
    assert.deepEqual(
      bins(under(name, two.endpoints).success),
      bins(under(name, one.endpoints).success),
    )
  }
})
