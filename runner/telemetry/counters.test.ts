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
  const exact = { cores: 0.5, usPerRequest: 5_000, usMayMiss: 0, throttledRatio: null }
  assert.deepEqual(figures.cpu.app, exact)
})

test('what a clock of ticks may have missed is known for each request', () => {
  const ticks = { cpuMissedUs: 20_000 }
  const readings = [{ app: at(0, 0, ticks) }, { app: at(2_000, 10_000, ticks) }]
  const { usPerRequest, usMayMiss } = partFigures(readings, 200).cpu.app ?? {}
  assert.deepEqual([usPerRequest, usMayMiss], [25, 50])
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

test('what worked on the machine beside all parts is the rest', () => {
  const reading = (atMs: number, scale: number) => ({
    app: at(atMs, 200_000 * scale),
    db: at(atMs, 100_000 * scale),
    runner: at(atMs, 60_000 * scale),
    window: at(atMs, 10_000 * scale),
    machine: { atMs, busyUs: 5e9 + 400_000 * scale },
  })
  const { cpu } = partFigures([reading(0, 0), reading(1_000, 1)], 100)
  assert.ok(cpu.rest && cpu.window)
  assert.ok(Math.abs(cpu.rest.cores - 0.03) < 1e-9, `${cpu.rest.cores}`)
  assert.ok(Math.abs((cpu.rest.usPerRequest ?? 0) - 300) < 1e-6)
  assert.equal(cpu.rest.throttledRatio, null)
  assert.equal(cpu.window.usPerRequest, 100)
})

test('no rest where a part of it is not known apart: unseen, or begun again', () => {
  const machine = (atMs: number) => ({ atMs, busyUs: atMs * 1000 })
  const unseen = partFigures(
    [0, 1_000].map((atMs) => ({ app: at(atMs, atMs), machine: machine(atMs) })),
    1,
  )
  assert.equal(unseen.cpu.rest, undefined)
  const begunAgain = partFigures(
    [0, 1_000].map((atMs) => ({
      app: at(atMs, atMs),
      db: at(atMs, atMs),
      nginx: at(atMs, 1_000 - atMs),
      machine: machine(atMs),
    })),
    1,
  )
  assert.equal(begunAgain.cpu.rest, undefined)
  const noMachine = partFigures(
    [0, 1_000].map((atMs) => ({ app: at(atMs, atMs), db: at(atMs, atMs) })),
    1,
  )
  assert.equal(noMachine.cpu.rest, undefined)
})
