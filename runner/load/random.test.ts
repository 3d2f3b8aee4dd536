import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawInteger } from '../scenario/journey.ts'
import { createRandom, createStream, drawBetween } from './random.ts'

test('mulberry32 gives the values of the published algorithm', () => {
  const random = createRandom(1)
  const drawn = [random(), random(), random()].map((value) => value * 2 ** 32)
  assert.deepEqual(drawn, [2693262067, 11749833, 2265367787])
})

test('the same seed and stream give the same sequence, another of either gives another', () => {
  const draw = (seed: number, stream: number) => {
    const random = createStream(seed, stream)
    return [random(), random(), random()].join()
  }
  assert.equal(draw(1, 2), draw(1, 2))
  const all = new Set<string>()
  for (let seed = 0; seed < 20; seed += 1) {
    for (let stream = 0; stream < 200; stream += 1) all.add(draw(seed, stream))
  }
  assert.equal(all.size, 20 * 200)
})

test('first draws of neighbouring streams are uniform: chi-squared over 50 pages', () => {
  const counts = Array.from({ length: 50 }, () => 0)
  for (let stream = 0; stream < 10_000; stream += 1) {
    const page = drawInteger(createStream(7, stream), 50)
    counts[page] = (counts[page] ?? 0) + 1
  }
  const chiSquared = counts.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0)
  // 99.9th percentile of chi-squared with 49 degrees of freedom. The seed is fixed: nothing in it is chance.
  assert.ok(chiSquared < 85.35, String(chiSquared))
})

test('a range is drawn within its ends, and a constant costs no draw', () => {
  let draws = 0
  const half = () => {
    draws += 1
    return 0.5
  }
  assert.equal(drawBetween(half, { min: 100, max: 300 }), 200)
  assert.equal(drawBetween(half, { min: 500, max: 500 }), 500)
  assert.equal(draws, 1)
})
