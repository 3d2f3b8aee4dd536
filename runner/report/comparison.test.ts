import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comparisonSheet, differencesSheet } from './tables/comparison.ts'
import { table } from './terminal.ts'

const plain = { columns: 100, colour: false, unicode: true }
const DAY = { ms: 26 * 3_600_000 }
const interval = (low: number, high: number) => ({ low, high })
const rows = [
  { what: 'crossing', unit: 'users', a: 1000, b: 1100, interval: interval(1.05, 1.15) },
  { what: 'database CPU', unit: 'µs/req', a: 200, b: 201, interval: interval(0.9, 1.1) },
  { what: 'p95 at 1000 users', unit: 'ms', a: 1, b: 0.9, interval: null },
  { what: 'mean at 40 users', unit: 'ms', a: 2, b: 1, interval: interval(0.4, 0.6) },
  { what: 'ceiling', unit: 'req/s', a: 90, b: 80, interval: null, missing: 'A: no valid stage' },
] as const

test('each figure has its answer, and none is given where there is no interval', () => {
  const text = table(comparisonSheet({ arm: 'pooled', rows }, 'somewhere', DAY), plain)
  assert.match(text, /^crossing, users .* 1\.100 +1\.050–1\.150 +B is higher$/m)
  assert.match(text, /^database CPU, µs\/req .* no difference detected$/m)
  assert.match(text, /^p95 at 1000 users, ms .* 0\.900 +– +fewer than 3 trials: no interval$/m)
  assert.match(text, /^mean at 40 users, ms .* B is lower$/m)
  assert.match(text, /^ceiling, req\/s +90 +80 +– +– +A: no valid stage$/m)
  assert.ok(Math.max(...text.split('\n').map((line) => line.length)) <= 100)
})

test('an arm that is a level of a factor says so', () => {
  const changed = { factor: 'pool size, connections', level: '5' }
  const { title } = comparisonSheet({ arm: 'pool-size-5', changed, rows }, 'somewhere', DAY)
  assert.equal(title, 'pool-size-5 (pool size, connections: 5): B / A, measured 26 h 0 min apart')
})

test('sides that do not differ in anything recorded say so', () => {
  assert.match(
    table(differencesSheet({ differences: [], apart: { ...DAY, hostMs: null } }), plain),
    /nothing that was recorded/,
  )
})

test('when the sides were measured, the speed of the machine, and what runs differ by anyway are said first', () => {
  const said = (ms: number, hostMs: { a: number; b: number } | null) =>
    table(differencesSheet({ differences: [], apart: { ms, hostMs } }), plain).replaceAll('\n', ' ')
  const text = said(DAY.ms, { a: 3, b: 3.6 })
  assert.match(text, /B was measured 26 h 0 min after the other/)
  assert.match(text, /fixed work took 1\.20 times the CPU in B \(3\.00 ms in A, 3\.60 ms in B\)/)
  assert.match(text, /differ by up to 12 % in crossing and ceiling, 41 % .* and 23 % in CPU anyway/)
  assert.match(
    said(-40 * DAY.ms, null),
    /A was measured 43 days after .* speed is not known of both/,
  )
})
