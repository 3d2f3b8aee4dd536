import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calibrationWith, locustRowWith, rowWith } from '../../test/fixtures/calibration.ts'
import { calibrationText } from './table.ts'

const big = { meanMs: 100.24, p50Ms: 100.18, p95Ms: 101.07, p99Ms: 102.77 }
const off = { meanMs: 101.46, p50Ms: 101.06, p95Ms: 104.19, p99Ms: 109.06 }

test('the tables fit into 100 columns', () => {
  const rows = [
    rowWith({
      delay: '100ms',
      users: 2000,
      requests: 48_000,
      truth: big,
      measured: off,
      saturated: true,
    }),
  ]
  const text = calibrationText(
    calibrationWith({ rows, stock: [{ delay: '100ms', users: 60, truth: big, measured: off }] }),
  )
  const widest = Math.max(...text.split('\n').map((line) => line.length))
  assert.ok(widest <= 100, `${widest} columns:\n${text}`)
  assert.match(text, /│ 2000 {2}│ 100ms │ 100\.24 \+1\.22 │ 100\.18 \+0\.88 │.*│ saturated │/)
})

test('a calibration that passed says so, and shows stock autocannon beside the truth', () => {
  const text = calibrationText(calibrationWith())
  assert.match(text, /PASSED/)
  assert.doesNotMatch(text, /FAILED/)
  assert.match(text, /│ 60 {4}│ 10ms {2}│ 10\.00 -4\.00 │/)
})

test('a breach is marked in its row, and said in words', () => {
  const rows = [rowWith({ breaches: ['mean is 0.60 ms off, more than 0.50'] })]
  const text = calibrationText(calibrationWith({ rows, passed: false }))
  assert.match(text, /│ FAILED │/)
  assert.match(text, /! 60 users, 10ms: mean is 0\.60 ms off, more than 0\.50/)
  assert.match(text, /FAILED: see/)
})

test('what 120 requests/s cost stands beside what waking up costs', () => {
  const text = calibrationText(calibrationWith())
  assert.match(text, /^At 117 requests\/s: 0\.100 CPU-s for 1,000;.* 0\.070\.$/m)
})

test('Locust stands beside ours at the same users, with what both cost', () => {
  const rows = [rowWith(), rowWith({ users: 200, cpuSPer1000: 0.07 })]
  const fast = locustRowWith({ client: 'FastHttpUser', truth: big, measured: off, failures: 3 })
  const locust = { version: 'locust 2.47.0', rows: [locustRowWith(), fast] }
  const text = calibrationText(calibrationWith({ rows, locust }))
  const table = text.slice(text.indexOf('read by locust 2.47.0, 60 users'))
  const lines = table.split('\n').filter((line) => line.includes('│ 10ms'))
  assert.equal(lines.length, 3, table)
  assert.match(lines[0] ?? '', /samehost.* 10\.00 \+0\.00 .* 0\.100 /)
  assert.match(lines[1] ?? '', /HttpUser.* 10\.00 \+1\.50 +│ 10\.00 \+1\.00 .* 0\.900 /)
  assert.match(lines[2] ?? '', /FastHttpUser.* 100\.24 \+1\.22 /)
  assert.match(text, /! FastHttpUser, 10ms: 3 requests failed/)
  assert.match(
    text,
    /^CPU of a request, samehost \/ HttpUser: 0\.11 \(0\.11 to 0\.11 by delay\)\.$/m,
  )
  const widest = Math.max(...text.split('\n').map((line) => line.length))
  assert.ok(widest <= 100, `${widest} columns:\n${text}`)
})

test('without Locust nothing is said of it', () => {
  assert.doesNotMatch(calibrationText(calibrationWith()), /locust/i)
})
