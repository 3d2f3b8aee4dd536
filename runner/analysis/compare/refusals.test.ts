import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runOf } from '../../../test/fixtures/simulated-run.ts'
import type { Run } from '../../measurement/run.ts'
import { refusals, sideDifferences } from './refusals.ts'

const refused = (a: readonly [Run, ...Run[]], b: readonly [Run, ...Run[]]) =>
  refusals({ name: 'A', runs: a }, { name: 'B', runs: b })

test('two runs of the same plan can be compared', () => {
  assert.deepEqual(refused([runOf(1)], [runOf(2)]), [])
})

/** As runs are since what users waited for failures is known. */
function withWaits(run: Run): Run {
  for (const stage of run.trials.flatMap(({ stages }) => stages))
    stage.waited = { meanMs: stage.all.meanMs, p95Ms: stage.all.p95Ms }
  return run
}

test('the p95 of good answers is not compared with that of all, and the mean is, with the difference said', () => {
  const on = (thresholdOn: 'mean' | 'p95', run: Run): Run => ({
    ...run,
    configuration: { ...run.configuration, thresholdOn },
  })
  const [older, newer] = [runOf(1), withWaits(runOf(2))]
  assert.match(
    refused([on('p95', older)], [on('p95', newer)]).join(),
    /p95 is of good answers alone in A, which is the older[^]*Run A again/,
  )
  assert.deepEqual(refused([older], [newer]), [])
  const differ = sideDifferences({ name: 'A', runs: [older] }, { name: 'B', runs: [newer] })
  assert.ok(differ.some(({ what }) => what === 'a failure counts in mean and p95'))
})

test('what decides where the search goes and what it counts is a stated difference', () => {
  for (const [change, what] of [
    [{ answers: 'whole' }, 'answers are judged by'],
    [{ maxUsers: 960 }, 'most users of the search'],
    [{ maxProbes: 3 }, 'most probes'],
    [{ nearStages: 5 }, 'stages near the crossing'],
    [{ loaders: 2 }, 'loaders'],
    [{ control: true }, 'first step again'],
    [{ holdMostS: 90 }, 'window'],
  ] as const) {
    const [a, b] = [runOf(1), runOf(2)]
    Object.assign(b.configuration, change)
    const found = sideDifferences({ name: 'A', runs: [a] }, { name: 'B', runs: [b] })
    assert.ok(
      found.some((one) => one.what === what),
      what,
    )
  }
})

type Change = (run: Run) => void
const REFUSALS: readonly [what: string, change: Change, says: RegExp][] = [
  [
    'another scenario',
    ({ configuration }) =>
      void (configuration.scenario = { name: 'notes', endpoints: ['read-note'] }),
    /list-products, view-product, place-order, view-order in A, for read-note in B/,
  ],
  [
    'another threshold',
    ({ configuration }) => void (configuration.thresholdMs = 200),
    /--threshold 100ms/,
  ],
  [
    'another statistic',
    ({ configuration }) => void (configuration.thresholdOn = 'p95'),
    /--threshold-on mean/,
  ],
  [
    'another think time',
    ({ configuration }) => void (configuration.thinkMs = { min: 0, max: 1000 }),
    /500 ms in A, 0 to 1000 ms in B[^]*--think 500ms/,
  ],
  [
    'another testbed',
    (run) => void (run.environment = { ...run.environment, testbed: 'embedded' }),
    /testbed compose, B on embedded/,
  ],
  [
    'no common arm',
    ({ configuration }) => void (configuration.arms = [{ name: 'django-pooled', mode: 'pooled' }]),
    /no arm in both/,
  ],
  [
    'one name for two modes',
    ({ configuration: { arms } }) => void (arms[0]!.mode = 'per-request'),
    /pooled is pooled in A, per-request in B/,
  ],
  [
    'a partial run without a valid stage',
    (run) => {
      run.state = 'partial'
      run.trials = []
    },
    /--resume DIR/,
  ],
  [
    'stages that are all invalid',
    ({ trials }) => {
      for (const { stages } of trials) for (const { validity } of stages) validity.valid = false
    },
    /validity table/,
  ],
]

for (const [what, change, says] of REFUSALS)
  test(`refuses ${what}, says why and what to do`, () => {
    const b = runOf(2)
    change(b)
    const result = refused([runOf(1)], [b])
    assert.equal(result.length, 1, result.join('\n'))
    assert.match(result[0] ?? '', says)
  })

test('refuses a run against itself: the sides would not be independent', () => {
  const result = refused([runOf(1)], [runOf(1)])
  assert.match(result.join(), /the same trial/)
})

test('refuses a folder of runs that are not alike, and names what differs', () => {
  const odd = runOf(2)
  odd.configuration.users = [40, 60]
  const result = refused([runOf(1), odd], [runOf(3)])
  assert.match(result.join(), /runs in A are not alike: ramp \(40, 50, 60, 70, 80; 40, 60\)/)
})

test('runs whose fresh processes were loaded for another time are not alike', () => {
  const odd = runOf(2)
  odd.configuration.startS = 8
  const result = refused([runOf(1), odd], [runOf(3)])
  assert.match(result.join(), /runs in A are not alike: load on a fresh process \(0 s; 8 s\)/)
})

test('default runs of one folder are alike, though each pilot found a ramp and hosts of its own', () => {
  const limits = (cores: number) => ({ appCores: cores, dbCores: 2 * cores, periodUs: 100_000 })
  const fit = { from: 'arm' as const, ceilingPerS: 100, yardstickMs: 3, yardstickSpeed: null }
  const piloted = (seed: number, factor: number): Run => {
    const run = runOf(seed)
    Object.assign(run.configuration, {
      users: [20 * factor, 40 * factor],
      rampFactor: factor,
      hosts: { kind: 'studied', speed: 0.1 * factor, ...limits(0.1 * factor), fit },
    })
    const parts = run.environment.parts.map((each) =>
      each.part === 'app' ? { ...each, cpuLimitCores: 0.1 * factor } : each,
    )
    run.environment = { ...run.environment, parts, limitCores: factor }
    return run
  }
  assert.deepEqual(refused([piloted(1, 4), piloted(2, 5)], [piloted(3, 6)]), [])
  const given = piloted(2, 5)
  delete given.configuration.rampFactor
  assert.match(refused([piloted(1, 4), given], [piloted(3, 6)]).join(), /not alike: ramp/)
})
