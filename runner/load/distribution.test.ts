import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateSync, inflateSync } from 'node:zlib'
import {
  createDistribution,
  decodeHistogram,
  encodeHistogram,
  maxMs,
  meanMs,
  merge,
  percentileMs,
  record,
} from './distribution.ts'

const of = (...durationsMs: number[]) => {
  const distribution = createDistribution()
  for (const ms of durationsMs) record(distribution, ms)
  return distribution
}

const within = (actual: number | null, expected: number) =>
  assert.ok(
    actual !== null && Math.abs(actual / expected - 1) <= 0.001,
    `${actual} for ${expected}`,
  )

test('statistics of numbers known: 1 to 1000 ms', () => {
  const known = of(...Array.from({ length: 1000 }, (_, index) => index + 1))
  assert.equal(known.count, 1000)
  assert.equal(meanMs(known), 500.5)
  assert.equal(maxMs(known), 1000)
  within(percentileMs(known, 50), 500)
  within(percentileMs(known, 90), 900)
  within(percentileMs(known, 95), 950)
  within(percentileMs(known, 99), 990)
})

test('a third of a millisecond is not floored to nothing', () => {
  within(percentileMs(of(0.333, 0.333, 0.333), 50), 0.333)
})

test('the mean is exact where the buckets are not', () => {
  assert.equal(meanMs(of(1234.5678, 8765.4322)), 5000)
})

test('nothing has no statistics', () => {
  assert.deepEqual([meanMs(of()), percentileMs(of(), 50), maxMs(of())], [null, null, null])
})

test('a duration beyond the range, or below zero by a clock, is kept at the end of it', () => {
  const extreme = of(10 * 3600 * 1000, -1)
  assert.equal(extreme.count, 2)
  within(percentileMs(extreme, 100), 3600 * 1000)
  assert.equal(percentileMs(extreme, 1), 0)
})

test('merged parts have the statistics of the whole, and stay as they were', () => {
  const left = of(1, 2, 3)
  const right = of(100, 30_000)
  const merged = merge([left, right, of()])
  const whole = of(1, 2, 3, 100, 30_000)
  for (const percentile of [0, 20, 40, 60, 80, 100]) {
    assert.equal(percentileMs(merged, percentile), percentileMs(whole, percentile))
  }
  assert.deepEqual([merged.count, meanMs(merged), maxMs(merged)], [5, meanMs(whole), 30_000])
  assert.equal(left.count, 3)
})

test('an encoded histogram reads back with its counts', () => {
  const decoded = decodeHistogram(encodeHistogram(of(1, 10, 100, 1000)))
  assert.equal(decoded.totalCount, 4)
  within(decoded.getValueAtPercentile(75) / 1000, 100)
})

test('a text that says of itself to be a histogram is bounded before anything is made of it', () => {
  const whole = Buffer.from(encodeHistogram(of(1, 10, 100, 1000)), 'base64')
  const inflated = inflateSync(whole.subarray(8))
  const encoded = (change: (bytes: Buffer) => Buffer): string => {
    const deflated = deflateSync(change(Buffer.from(inflated)))
    const head = Buffer.from(whole.subarray(0, 8))
    head.writeInt32BE(deflated.length, 4)
    return Buffer.concat([head, deflated]).toString('base64')
  }
  const header = (write: (bytes: Buffer) => void) =>
    encoded((bytes) => {
      write(bytes)
      return bytes
    })
  assert.equal(decodeHistogram(encoded((bytes) => bytes)).totalCount, 4)
  const crafted = {
    'a gigabyte of zeros': encoded((bytes) => Buffer.concat([bytes, Buffer.alloc(2 ** 30)])),
    'more counts than there are': header((bytes) => bytes.writeInt32BE(2 ** 31 - 1, 4)),
    'five digits': header((bytes) => bytes.writeInt32BE(5, 12)),
    'a century of microseconds': header((bytes) => bytes.writeBigInt64BE(2n ** 52n, 24)),
    // -(2 ** 47) as a zigzag number: so many empty cells.
    'cells without end': encoded((bytes) => {
      const run = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f])
      bytes.writeInt32BE(run.length, 4)
      return Buffer.concat([bytes.subarray(0, 40), run])
    }),
    nothing: '',
  }
  for (const [what, text] of Object.entries(crafted))
    assert.throws(() => decodeHistogram(text), what)
})
