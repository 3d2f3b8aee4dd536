import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SHOP_ENDPOINTS, under } from '../../test/fixtures/shop.ts'
import { meanMs } from './distribution.ts'
import { createRecorder } from './recorder.ts'

const NO_PAUSE = { nominalMs: 0, observedMs: undefined }

test('outcomes go to their endpoint, and into the second in which their request was sent', () => {
  const recorder = createRecorder(1000, SHOP_ENDPOINTS)
  for (const endpoint of SHOP_ENDPOINTS) recorder.sent(endpoint, NO_PAUSE)
  recorder.succeeded('list-products', 1000, 10)
  recorder.succeeded('view-product', 1999.9, 30)
  recorder.failed('place-order', 4000, 5, 'status-503')
  const contents = recorder.contents(5)
  assert.deepEqual(
    SHOP_ENDPOINTS.map((name) => {
      const { sent, success, failure, inFlight, errors } = under(name, contents.endpoints)
      return [sent, success.count, failure.count, inFlight, errors]
    }),
    [
      [1, 1, 0, 0, {}],
      [1, 1, 0, 0, {}],
      [1, 0, 1, 0, { 'status-503': 1 }],
      [1, 0, 0, 1, {}],
    ],
  )
  assert.deepEqual(contents.seconds, [
    { atS: 0, requests: 2, failed: 0, meanMs: 20 },
    { atS: 1, requests: 0, failed: 0, meanMs: null },
    { atS: 2, requests: 0, failed: 0, meanMs: null },
    { atS: 3, requests: 0, failed: 1, meanMs: null },
  ])
})

test('the fragment of a second at a window’s end is no row', () => {
  const recorder = createRecorder(0, SHOP_ENDPOINTS)
  for (const sentAtMs of [100, 1500, 2003]) {
    recorder.sent('list-products', NO_PAUSE)
    recorder.succeeded('list-products', sentAtMs, 10)
  }
  const { seconds, endpoints } = recorder.contents(2.004)
  assert.deepEqual(
    seconds.map(({ atS }) => atS),
    [0, 1],
  )
  assert.equal(under('list-products', endpoints).success.count, 3)
})

test('think time is what was observed; the nominal mean counts every pause, and a first request has none', () => {
  const recorder = createRecorder(0, SHOP_ENDPOINTS)
  recorder.sent('list-products', { nominalMs: 500, observedMs: 501 })
  recorder.sent('list-products', { nominalMs: 500, observedMs: 503 })
  recorder.sent('list-products', { nominalMs: 1000, observedMs: undefined })
  recorder.sent('list-products', { nominalMs: undefined, observedMs: undefined })
  const { think } = recorder.contents(5)
  assert.equal(meanMs(think.observed), 502)
  assert.equal(think.nominalMeanMs, 2000 / 3)
})

test('the edges give back what of other requests is in the window, and take what of its own is not', () => {
  const recorder = createRecorder(1000, SHOP_ENDPOINTS)
  recorder.carriedOver(1300, { retired: false })
  recorder.carriedOver(1800, { retired: true })
  recorder.sent('list-products', NO_PAUSE)
  recorder.sent('list-products', NO_PAUSE)
  recorder.sent('list-products', NO_PAUSE)
  recorder.succeeded('list-products', 1500, 100)
  recorder.closed(2000)
  recorder.succeeded('list-products', 1900, 120)
  recorder.failed('list-products', 1950, 250, 'timeout')
  const { edgeMs, ended } = recorder.contents(1)
  assert.equal(edgeMs, 300 - 20 - 200)
  assert.equal(ended, 3)
})

test('an end without a beginning is a defect, and says so', () => {
  const recorder = createRecorder(0, SHOP_ENDPOINTS)
  recorder.sent('list-products', NO_PAUSE)
  recorder.succeeded('view-order', 0, 1)
  assert.throws(() => recorder.contents(5), /do not add up/)
})

test('whatever happens, sent = succeeded + failed + in flight, for each endpoint', () => {
  const event = fc.record({ endpoint: fc.constantFrom(...SHOP_ENDPOINTS), fate: fc.nat(2) })
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const recorder = createRecorder(0, SHOP_ENDPOINTS)
      for (const { endpoint, fate } of events) {
        recorder.sent(endpoint, NO_PAUSE)
        if (fate === 0) recorder.succeeded(endpoint, 1, 1)
        if (fate === 1) recorder.failed(endpoint, 1, 1, 'timeout')
      }
      for (const { sent, success, failure, inFlight, errors } of Object.values(
        recorder.contents(5).endpoints,
      )) {
        assert.equal(sent, success.count + failure.count + inFlight)
        assert.equal(errors['timeout'] ?? 0, failure.count)
      }
    }),
  )
})

test('a request to an endpoint that the journey does not name is a defect, and says so', () => {
  const recorder = createRecorder(0, ['read-note'])
  recorder.sent('read-note', NO_PAUSE)
  assert.throws(() => recorder.sent('list-products', NO_PAUSE), /list-products is no endpoint/)
  assert.deepEqual(Object.keys(recorder.contents(1).endpoints), ['read-note'])
})
