import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Value } from 'typebox/value'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import { windowOf } from '../../test/fixtures/load-window.ts'
import { SHOP_ENDPOINTS } from '../../test/fixtures/shop.ts'
import { drift } from '../analysis/drift.ts'
import { judge } from '../analysis/validity.ts'
import type { Recorder } from '../load/recorder.ts'
import { Stage } from '../measurement/stage.ts'
import { runJson } from './run-folder.ts'
import { telemetryCsv, telemetryRows } from './telemetry-csv.ts'
import type { Counters, PartCounters } from '../telemetry/counters.ts'
import { stageOf } from '../experiment/stage.ts'

/** ms. From nothing to the longest stall that a machine can have: a night in a closed lid. */
const duration = fc.oneof(
  fc.constant(0),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: 0, max: 20_000, noNaN: true }),
  fc.double({ min: 0, max: 4e7, noNaN: true }),
)

const request = fc.record({
  endpoint: fc.constantFrom(...SHOP_ENDPOINTS),
  sentAtMs: fc.double({ min: -5, max: 9_000, noNaN: true }),
  durationMs: duration,
  nominalMs: fc.option(duration, { nil: undefined }),
  observedMs: fc.option(duration, { nil: undefined }),
  end: fc.constantFrom('succeeded', 'failed', 'timeout', 'in flight', 'complete'),
})
type Request = ReturnType<typeof request.generate>['value']

function play(recorder: Recorder, requests: readonly Request[]): void {
  for (const { endpoint, sentAtMs, durationMs, nominalMs, observedMs, end } of requests) {
    recorder.sent(endpoint, { nominalMs, observedMs })
    if (end === 'in flight') continue
    if (end === 'succeeded' || end === 'complete') {
      recorder.succeeded(endpoint, sentAtMs, durationMs)
      if (end === 'complete') recorder.journeyCompleted()
    } else {
      recorder.failed(endpoint, sentAtMs, durationMs, end === 'timeout' ? 'timeout' : 'status-503')
      recorder.journeyAborted()
    }
  }
}

/** Up to a year of microseconds, a petabyte: the largest that a part can count. */
const counter = fc.oneof(
  fc.constant(0),
  fc.nat(9),
  fc.integer({ min: 0, max: 2 ** 31 - 1 }).map((count) => count * 500),
)
const countOrNull = fc.option(counter)
const whole = fc.nat({ max: 9 })
/** Counters as they come: equal times, a clock of the engine that goes back, a part that began again. */
const partCounters: fc.Arbitrary<PartCounters> = fc.record({
  atMs: fc.oneof(
    fc.constant(1000),
    fc.nat(1e9).map((us) => us / 1000),
  ),
  cpuUs: counter,
  periods: countOrNull,
  throttledPeriods: countOrNull,
  memoryBytes: counter,
  memoryLimitBytes: countOrNull,
  networkRxBytes: countOrNull,
  networkTxBytes: countOrNull,
  restarts: whole,
  oomKills: whole,
})
const readings: fc.Arbitrary<Counters[]> = fc.array(
  fc.record(
    { app: partCounters, db: partCounters, nginx: partCounters, runner: partCounters },
    { requiredKeys: [] },
  ),
  { maxLength: 6 },
)

test('whatever came in, or did not, in a window: a stage that the schema accepts, and rows of numbers', () => {
  fc.assert(
    fc.property(
      fc.array(request, { maxLength: 60 }),
      readings,
      fc.record({
        lengthS: fc.double({ min: 0.001, max: 30, noNaN: true }),
        users: fc.integer({ min: 1, max: 10_000 }),
        opened: fc.option(fc.nat()),
        stolenRatio: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
        mode: fc.constantFrom('pooled', 'per-request', null),
      }),
      (requests, read, { lengthS, users, opened, stolenRatio, mode }) => {
        const window = windowOf(lengthS, (recorder) => play(recorder, requests))
        const plan = { kind: 'ramp', users, thinkMs: { min: 0, max: 0 } } as const
        const measured = stageOf(
          { ...plan, warmUpMs: 0 },
          { window, readings: read, opened, stolenRatio, idleDelayP99Ms: 1 },
        )
        const unjudged = { ...measured, drift: drift(measured.seconds) }
        const stage = { ...unjudged, validity: judge(unjudged, { mode }) }
        const [error] = Value.Errors(Stage, stage)
        assert.equal(error && `${error.instancePath} ${error.message}`, undefined)

        const rows = telemetryRows({ trial: 0, arm: 'pooled', stage: 0, users }, read, 0)
        assert.doesNotMatch(telemetryCsv(rows), /NaN|Infinity/)
      },
    ),
    { numRuns: 500 },
  )
})

test('seconds after the last request are there, as silent ones', () => {
  const window = windowOf(6.02, (recorder) => {
    for (const sentAtMs of [100, 1_100, 2_100]) {
      recorder.sent('list-products', { nominalMs: undefined, observedMs: undefined })
      recorder.succeeded('list-products', sentAtMs, 5)
    }
  })
  const plan = { kind: 'ramp', users: 1, thinkMs: { min: 0, max: 0 } } as const
  const records = { window, readings: [], opened: null, stolenRatio: null, idleDelayP99Ms: 1 }
  const { seconds } = stageOf({ ...plan, warmUpMs: 0 }, records)
  assert.deepEqual(
    seconds.map(({ atS, requests }) => [atS, requests]),
    [0, 1, 2, 3, 4, 5].map((atS) => [atS, atS < 3 ? 1 : 0]),
  )
})

test('a window whose second half has one second with a success, of three: INVALID, and it can be kept', () => {
  const run = simulatedRun()
  const [trial] = run.trials
  const [stage] = trial?.stages ?? []
  assert.ok(trial && stage)
  const seconds = [4, 5, 6, null, null, null, null, 7].map((meanMs, atS) => {
    return { atS, requests: meanMs === null ? 0 : 60, failed: 0, meanMs }
  })
  const silent = { ...stage, seconds, drift: drift(seconds) }
  const judged = { ...silent, validity: judge(silent, { mode: 'pooled' }) }
  assert.equal(judged.validity.valid, false)
  trial.stages[0] = judged
  assert.match(runJson(run), /"silence"/)
})
