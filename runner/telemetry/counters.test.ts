import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PartCounters, partFigures } from './counters.ts'

const at = (atMs: number, cpuUs: number, more: Partial<PartCounters> = {}): PartCounters => ({
  atMs,
  cpuUs,
  periods: null,
  throttledPeriods: null,
  memoryBytes: 1e6,
  memoryLimitBytes: null,
  networkRxBytes: null,
  networkTxBytes: null,
  restarts: 0,
  oomKills: 0,
  ...more,
})

test('cores and CPU a request are those between the first and the last reading', () => {
  const figures = partFigures([{ app: at(1_000, 0) }, { app: at(3_000, 1e6) }], 100)
  assert.deepEqual(figures.cpu.app, { cores: 0.5, usPerRequest: 5_000, throttledRatio: null })
})

test('the throttled share is that of the periods in the window', () => {
  const figures = partFigures(
    [
      { db: at(0, 0, { periods: 100, throttledPeriods: 90 }) },
      { db: at(1_000, 0, { periods: 110, throttledPeriods: 95 }) },
    ],
    1,
  )
  assert.equal(figures.cpu.db?.throttledRatio, 0.5)
})

test('a counter that falls is a restart, and its part has no CPU figure', () => {
  const figures = partFigures(
    [{ app: at(0, 5e6) }, { app: at(1_000, 10) }, { app: at(2_000, 1e6) }],
    1,
  )
  assert.equal(figures.restarts, 1)
  assert.equal(figures.cpu.app, undefined)
})

test('a part that could not be read twice has no figures', () => {
  assert.deepEqual(partFigures([{ nginx: at(0, 0) }, {}], 1).cpu, {})
})
