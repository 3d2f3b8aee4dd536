import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memorySlope, type Sample } from '../scripts/soak-figures.ts'
import { seeded } from './fixtures/random.ts'

const SECONDS = 1200

const series = (memoryMb: (atS: number) => number): Sample[] =>
  Array.from({ length: SECONDS }, (_, atS) => ({ atS, memoryMb: memoryMb(atS) }))

test('a straight line is found as it is', () => {
  const slope = memorySlope(
    series((atS) => 50 + atS / 600),
    0,
  )
  assert.ok(slope)
  assert.ok(Math.abs(slope.mbPerHour - 6) < 1e-6)
  assert.ok(slope.toMb - slope.fromMb > 1.8 && slope.toMb - slope.fromMb < 2)
})

test('what grows at first and then stands is flat once its beginning is left out', () => {
  const settling = series((atS) => 60 - 20 * Math.exp(-atS / 40) + (atS % 7) / 10)
  assert.ok((memorySlope(settling, 0)?.low ?? 0) > 0)
  const settled = memorySlope(settling, 300)
  assert.ok(settled && settled.low <= 0.2 && settled.high >= 0, JSON.stringify(settled))
})

test('too short a series says nothing', () => {
  assert.equal(memorySlope(series(() => 1).slice(0, 220), 0), null)
})

/** A sawtooth of random period and height, as a heap is, that grows by `mbPerHour`. */
function heap(seed: number, mbPerHour: number): Sample[] {
  const random = seeded(seed)
  let [garbage, limit] = [0, 8]
  return series((atS) => {
    garbage += 0.5 + random()
    if (garbage > limit) [garbage, limit] = [0, 4 + 8 * random()]
    return 50 + garbage + (mbPerHour * atS) / 3600
  })
}

test('the 95 % interval holds the true growth of a sawtooth about 95 times in 100', () => {
  const RUNS = 400
  for (const growth of [0, 20]) {
    let held = 0
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const slope = memorySlope(heap(seed, growth), 120)
      if (slope && slope.low <= growth && growth <= slope.high) held += 1
    }
    assert.ok(held / RUNS > 0.92 && held / RUNS < 0.98, `${growth}: ${held / RUNS}`)
  }
})
