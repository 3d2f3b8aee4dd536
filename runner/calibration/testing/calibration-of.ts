import type { Calibration, CalibrationRow, LocustRow } from '../calibration.ts'

const EXACT = { meanMs: 10, p50Ms: 10, p95Ms: 20, p99Ms: 30 }

/** A row in which all is well, but for `changes`. */
export const rowWith = (changes: Partial<CalibrationRow> = {}): CalibrationRow => ({
  delay: '10ms',
  users: 60,
  requests: 1400,
  truth: EXACT,
  measured: EXACT,
  thinkNominalMs: 500,
  thinkTrueMs: 500,
  expectedUsers: 60,
  cpuSPer1000: 0.1,
  cpuCores: 0.01,
  eventLoopDelayP99Ms: 1,
  memoryMb: 150,
  saturated: false,
  breaches: [],
  ...changes,
})

/** A calibration that passed, but for `changes`. */
export const calibrationWith = (changes: Partial<Calibration> = {}): Calibration => ({
  at: '2026-01-01T00:00:00.000Z',
  node: 'v24.0.0',
  passed: true,
  short: false,
  floor: { p50Ms: 0.05, p99Ms: 0.2 },
  rows: [rowWith()],
  faults: [{ fault: 'hang', countedAs: 'timeout', injected: 3, counted: 3, passed: true }],
  paced: { requests: 1400, throughputPerS: 117, cpuSPer1000: 0.1, wakeUs: 35 },
  saturation: { users: 60, throughputPerS: 25_000, cpuSPer1000: 0.03, breaches: [] },
  stock: [{ delay: '10ms', users: 60, truth: EXACT, measured: { ...EXACT, meanMs: 6 } }],
  ...changes,
})

/** Locust's reading, 1.5 ms above the truth, but for `changes`. */
export const locustRowWith = (changes: Partial<LocustRow> = {}): LocustRow => ({
  client: 'HttpUser',
  delay: '10ms',
  users: 60,
  requests: 1400,
  failures: 0,
  truth: EXACT,
  measured: { meanMs: 11.5, p50Ms: 11, p95Ms: 21, p99Ms: 32 },
  cpuSPer1000: 0.9,
  ...changes,
})
