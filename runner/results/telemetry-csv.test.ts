import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTelemetryCsv, telemetryCsv, telemetryRows } from './telemetry-csv.ts'

const reading = (atMs: number, cpuUs: number) => ({
  app: {
    atMs,
    cpuUs,
    periods: null,
    throttledPeriods: null,
    memoryBytes: 50e6,
    memoryLimitBytes: 512e6,
    networkRxBytes: null,
    networkTxBytes: null,
    restarts: 0,
    oomKills: 0,
  },
})

test('rows are read back as they were written', () => {
  const where = { trial: 1, arm: 'pooled', stage: 2, users: 40 }
  const rows = telemetryRows(
    where,
    [reading(0, 0), reading(1_000, 250_000), reading(2_000, 0)],
    500,
  )
  assert.deepEqual(rows, [
    {
      ...where,
      atS: 0.5,
      part: 'app',
      cpuCores: 0.25,
      throttledRatio: null,
      memoryMb: 50,
      memoryLimitMb: 512,
      networkRxMb: null,
      networkTxMb: null,
    },
  ])
  assert.deepEqual(parseTelemetryCsv(telemetryCsv(rows)), rows)
  assert.deepEqual(parseTelemetryCsv(''), [])
})
