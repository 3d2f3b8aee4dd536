import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import type { Stage } from '../measurement/stage.ts'
import { chartCrossing, meanBetween, runningMeans } from './running-mean.ts'

const [sample] = simulatedRun({ search: false }).trials[0]?.stages ?? []
assert.ok(sample)

/** Steps of ten seconds, each of which answers so many requests with its own mean. */
function ramp(...steps: readonly [users: number, requests: number, ownMs: number][]): Stage[] {
  let [ended, endedMs] = [0, 0]
  return steps.map(([users, requests, ownMs]) => {
    ended += requests
    endedMs += requests * ownMs
    const sinceStart = { requests: ended, meanMs: endedMs / ended }
    return { ...sample!, kind: 'ramp', users, sinceStart, validity: { valid: true, reasons: [] } }
  })
}

const STEPS = ramp([40, 900, 80], [50, 1000, 140], [60, 1000, 240])

test('from two running means comes the mean of the step between them', () => {
  const [first, second, third] = STEPS
  assert.ok(first && second && third)
  for (const [stage, before, own] of [
    [first, undefined, 80],
    [second, first, 140],
    [third, second, 240],
  ] as const)
    assert.ok(Math.abs((meanBetween(stage, before) ?? NaN) - own) < 1e-9)
  assert.equal(meanBetween(first, first), null, 'nothing ended between them')
  const { sinceStart: _, ...older } = first
  assert.equal(meanBetween(older), null, 'an older run has none')
  assert.equal(meanBetween(second, older), null)
})

test('the running mean lags behind the steps’ own, and passes the threshold later', () => {
  const points = runningMeans(STEPS)
  assert.deepEqual(
    points.map(({ users, ms }) => [users, Math.round(ms)]),
    [
      [40, 80],
      [50, 112],
      [60, 156],
    ],
  )
  const own = [80, 140, 240].map((ms, at) => ({ users: 40 + 10 * at, ms }))
  const [running, steps] = [chartCrossing(points, 100), chartCrossing(own, 100)]
  assert.ok(running && steps && running > steps, `${running} and ${steps}`)
})

test('a test that began at a later step has nothing of the steps before it', () => {
  const [point, ...rest] = runningMeans(STEPS, 50)
  assert.deepEqual([point?.users, rest.length], [50, 1])
  assert.ok(Math.abs((point?.ms ?? 0) - 140) < 1e-9)
  assert.deepEqual(runningMeans(STEPS, 70), [])
})

test('a step that is no measurement shows no point, and later ones hold what ended in it', () => {
  const [first, second, third] = STEPS
  assert.ok(first && second && third)
  const invalid = { ...second, validity: { valid: false, reasons: [] } }
  const points = runningMeans([first, invalid, third])
  assert.deepEqual(
    points.map(({ users }) => users),
    [40, 60],
  )
  assert.deepEqual(points[1], runningMeans(STEPS)[2])
})

test('a chart without two points around the threshold crosses nowhere', () => {
  assert.equal(chartCrossing([], 100), null)
  assert.equal(chartCrossing([{ users: 20, ms: 120 }], 100), null)
  assert.equal(chartCrossing([{ users: 20, ms: 20 }], 100), null)
})
