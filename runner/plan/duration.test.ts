import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDuration, parseDurationMs } from './plan.ts'

test('a duration is read with its unit, and never without', () => {
  const cases = { '500ms': 500, '2.5s': 2_500, '5m': 300_000, '0ms': 0, ' 1s ': 1_000 }
  for (const [text, ms] of Object.entries(cases)) assert.equal(parseDurationMs(text), ms, text)
  for (const text of ['', '5', '5 s', '-1s', '1h', 's', '1e3ms', 'constructor']) {
    assert.equal(parseDurationMs(text), null, text)
  }
})

test('a duration is written in the unit that people would use', () => {
  assert.deepEqual([45_000, 89_400, 420_000, 5_400_000].map(formatDuration), [
    '45 s',
    '89 s',
    '7 min',
    '1 h 30 min',
  ])
})
