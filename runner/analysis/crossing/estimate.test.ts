import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isotonic, locate, type Response, trialCrossings } from './estimate.ts'
import { armCrossing } from './interval.ts'
import { fitLaw } from './law.ts'

const points = (...pairs: [users: number, ms: number][]) =>
  pairs.map(([users, ms]) => ({ users, ms }))

test('what violates the order is pooled to its mean', () => {
  assert.deepEqual(isotonic([1, 3, 2, 4]), [1, 2.5, 2.5, 4])
  assert.deepEqual(isotonic([3, 2, 1]), [2, 2, 2])
  assert.deepEqual(isotonic([]), [])
})

test('a ramp crosses at the step that is at the threshold', () => {
  const found = locate(points([40, 30], [50, 55], [60, 100], [70, 160]), 100)
  assert.deepEqual(found, { state: 'crossed', users: 60, bracket: { low: 50, high: 60 } })
})

test('between two steps the crossing is interpolated', () => {
  const located = locate(points([40, 20], [60, 120]), 100)
  assert.deepEqual(located, { state: 'crossed', users: 56, bracket: { low: 40, high: 60 } })
})

test('noise at the threshold gives one crossing', () => {
  const located = locate(points([100, 80], [110, 102], [120, 97], [130, 130]), 100)
  // 110 and 120 users are pooled at 99.5 ms, so the crossing lies past them.
  assert.ok(located.state === 'crossed')
  assert.deepEqual(located.bracket, { low: 120, high: 130 })
})

for (const [state, seen] of [
  ['crossed-below', points([40, 100], [50, 120])],
  ['not-reached', points([40, 10], [50, 99.9])],
  ['no-valid-stage', []],
] as const)
  test(`without a crossing the state is ${state}`, () => {
    assert.equal(locate(seen, 100).state, state)
  })

const SETTING = { thresholdMs: 100, thinkMs: 500, thresholdOn: 'mean' as const }
/** A closed system that serves 480/s at most, at so many users. */
const held = (...users: number[]): Response[] =>
  users.map((count) => ({
    users: count,
    ms: Math.max(4, (count / 480) * 1000 - 500),
  }))
const crossingsOf = (...trials: Response[][]) =>
  trialCrossings(trials, SETTING, fitLaw(trials, SETTING))

test('a crossing is estimated from all stages past the knee, by the law', () => {
  const [found] = crossingsOf(held(40, 70, 280, 300, 384))
  assert.ok(found?.state === 'crossed')
  assert.ok(Math.abs(found.users - 288) < 3, `${found.users}`)
})

test('where nothing was held near the threshold a trial has a bracket and no estimate', () => {
  // As of an embedded run in which 11 of 32 stages were invalid: 70 users far below, 560 far above.
  const [found] = crossingsOf(held(40, 70, 560))
  assert.deepEqual(found, { state: 'between', bracket: { low: 70, high: 560 } })
  assert.equal(armCrossing(found ? [found] : []).users, null)
})

test('one or two trials are provisional, three have both intervals, the prediction the wider', () => {
  const trial = (users: number) => ({ state: 'crossed', users, bracket: null }) as const
  assert.deepEqual(armCrossing([trial(280)]).interval, null)
  assert.equal(armCrossing([trial(280), trial(290)]).provisional, true)
  const { interval, prediction, provisional, trials } = armCrossing([280, 290, 300].map(trial))
  assert.ok(interval?.low && interval.high && prediction?.low && prediction.high)
  assert.deepEqual([provisional, trials], [false, 3])
  assert.ok(prediction.low < interval.low && prediction.high > interval.high)
})

test('a trial that did not cross leaves its end open', () => {
  const { interval, prediction } = armCrossing([
    { state: 'crossed', users: 280, bracket: null },
    { state: 'crossed', users: 290, bracket: null },
    { state: 'not-reached', bound: 320 },
  ])
  assert.deepEqual([interval?.high, prediction?.high], [null, null])
  assert.ok(interval?.low && interval.low < 290)
})

test('a percentile obeys no law: it is interpolated in a narrow bracket, and not in a wide one', () => {
  const p95 = { ...SETTING, thresholdOn: 'p95' as const }
  const near = trialCrossings([held(40, 280, 300)], p95, [null])
  assert.equal(near[0]?.state, 'crossed')
  assert.equal(trialCrossings([held(40, 180, 300)], p95, [null])[0]?.state, 'between')
})
