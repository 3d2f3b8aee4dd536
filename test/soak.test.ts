import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Slope, soakFailures, soakFigures, type SoakFigures } from '../scripts/soak-figures.ts'
import { recordPath } from '../scripts/records.ts'

const flat: Slope = { fromMb: 60, toMb: 60.1, mbPerHour: 0.4, low: -2, high: 2.8 }
/** 400 requests a second. */
const good: SoakFigures = {
  users: 200,
  holdS: 1200,
  requests: 480_000,
  failed: 0,
  breaches: [],
  auditPassed: true,
  slopes: { app: flat, runner: flat },
}

test('a soak in which all held has no failures', () => {
  assert.deepEqual(soakFailures(good), [])
})

test('a leak of an object for each request is found in either part', () => {
  // 16 bytes × 400/s × 3,600 s = 23 MB an hour.
  const leak = { ...flat, mbPerHour: 23.5, low: 23.3, high: 23.7 }
  for (const part of ['app', 'runner'] as const) {
    const [found = ''] = soakFailures({ ...good, slopes: { ...good.slopes, [part]: leak } })
    assert.match(found, new RegExp(`^${part}: its memory may grow with each request`))
  }
})

test('what is too noisy to be called flat is not called flat', () => {
  const noisy = { ...flat, low: -60, high: 61 }
  assert.equal(soakFailures({ ...good, slopes: { app: noisy, runner: flat } }).length, 1)
})

test('an error, a breach, a failed audit and missing figures each count', () => {
  assert.deepEqual(soakFailures({ ...good, failed: 3 }), ['3 requests failed'])
  assert.deepEqual(soakFailures({ ...good, breaches: ['drift'] }), ['drift'])
  assert.deepEqual(soakFailures({ ...good, auditPassed: false }), [
    'the audit of the orders did not pass',
  ])
  assert.equal(soakFailures({ ...good, slopes: { app: null, runner: flat } }).length, 1)
})

test('the soak that is committed held', async () => {
  assert.deepEqual(soakFailures(await soakFigures(recordPath('soak'))), [])
})
