import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowWith } from '../../test/fixtures/calibration.ts'
import { breachesOf, isSaturated, saturationBreaches } from './bounds.ts'
import type { CalibrationRow } from './calibration.ts'

const truth = { meanMs: 100, p50Ms: 100, p95Ms: 300, p99Ms: 400 }

/** What is changed in a perfect row, whether the client is saturated, and the breaches. */
const CASES: readonly (readonly [string, Partial<CalibrationRow>, boolean, string[]])[] = [
  ['a perfect row', {}, false, []],
  [
    'at the bounds',
    { truth, measured: { meanMs: 100.5, p50Ms: 99.5, p95Ms: 303, p99Ms: 396 } },
    false,
    [],
  ],
  [
    'beyond them',
    { truth, measured: { meanMs: 100.6, p50Ms: 99.4, p95Ms: 303.1, p99Ms: 404.1 } },
    false,
    [
      'mean is 0.60 ms off, more than 0.50',
      'p50 is -0.60 ms off, more than 0.50',
      'p95 is 3.10 ms off, more than 3.00',
      'p99 is 4.10 ms off, more than 4.00',
    ],
  ],
  [
    '2,000 users may be 2 ms off',
    { users: 2000, measured: { meanMs: 12, p50Ms: 12, p95Ms: 22, p99Ms: 32 } },
    false,
    [],
  ],
  [
    '2,000 users and more than that',
    { users: 2000, measured: { meanMs: 12.1, p50Ms: 10, p95Ms: 20, p99Ms: 30 } },
    false,
    ['mean is 2.10 ms off, more than 2.00'],
  ],
  [
    '2,000 users, and the client says that it is saturated',
    { users: 2000, measured: { meanMs: 50, p50Ms: 50, p95Ms: 50, p99Ms: 50 }, thinkTrueMs: 600 },
    true,
    [],
  ],
  [
    '60 users are no excuse for a saturated client',
    { measured: { meanMs: 20, p50Ms: 10, p95Ms: 20, p99Ms: 30 } },
    true,
    ['mean is 10.00 ms off, more than 0.50'],
  ],
  ['a think time within 1 %', { thinkTrueMs: 504.9 }, false, []],
  [
    'a think time beyond',
    { thinkTrueMs: 494 },
    false,
    ['think time is -1.20 % off, more than 1 %'],
  ],
  ['too much CPU', { cpuSPer1000: 0.2 }, false, ['0.200 CPU-s for 1,000 requests, more than 0.15']],
  ['too much memory', { users: 2000, memoryMb: 201 }, false, ['201 MB of memory, more than 200']],
  [
    'nothing measured',
    { measured: { meanMs: Number.NaN, p50Ms: 10, p95Ms: 20, p99Ms: 30 } },
    false,
    ['mean is NaN ms off, more than 0.50'],
  ],
]

for (const [what, changes, saturated, breaches] of CASES) {
  test(`${what}: ${breaches.length === 0 ? 'passes' : 'fails'}`, () => {
    assert.deepEqual(breachesOf(rowWith(changes), saturated), breaches)
  })
}

test('a client is saturated by its CPU or by its event loop, over its idle state', () => {
  const client = { cpuCores: 0.5, eventLoopDelayP99Ms: 3 }
  assert.equal(isSaturated(client, 1), false)
  assert.equal(isSaturated({ ...client, cpuCores: 0.81 }, 1), true)
  assert.equal(isSaturated({ ...client, eventLoopDelayP99Ms: 6.1 }, 1), true)
  assert.equal(isSaturated({ ...client, eventLoopDelayP99Ms: 6.1 }, 2), false)
})

test('without think time a request may cost less', () => {
  assert.deepEqual(saturationBreaches(0.1), [])
  assert.deepEqual(saturationBreaches(0.11), ['0.110 CPU-s for 1,000 requests, more than 0.10'])
})
