import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedFactor } from '../../test/fixtures/simulated-factor.ts'
import { SIMULATED_MODELS, simulatedRun } from '../../test/fixtures/simulated-run.ts'
import {
  comparedArms,
  halfWidthOf,
  hasRatio,
  isPreciseEnough,
  precisionText,
  trialsFor,
} from './precision.ts'
import type { Ratio } from './ratio.ts'

const ENDS = { low: false, high: false }
/** A ratio of two arms alone, whose trials are apart by `sd` on the logarithm. */
const ratioOf = (trials: number, sd: number): Ratio => ({
  value: 6,
  trials,
  estimate: { mean: Math.log(6), error: sd / Math.sqrt(trials), freedom: trials - 1 },
  open: ENDS,
})

test('trials as they would be planned: 3.6 % apart, ±5 % takes 5, ±3 % takes 9, and none fewer than 5', () => {
  // Student’s t: 2.776 × 3.6 % / √5 = 4.5 %; with four it is 3.182 × 3.6 % / √4 = 5.7 %.
  assert.equal(trialsFor(ratioOf(3, 0.036), 0.05), 5)
  assert.equal(trialsFor(ratioOf(3, 0.036), 0.1), 5)
  // 2.306 × 3.6 % / √9 = 2.8 %.
  assert.equal(trialsFor(ratioOf(3, 0.036), 0.03), 9)
  assert.equal(trialsFor(ratioOf(3, 5), 0.05), null)
})

test('a run is not over by its precision before it has five rounds, nor where none was asked for', () => {
  for (const [trials, precision, over] of [
    [4, 0.5, false],
    [5, undefined, false],
    [5, 0.5, true],
    [5, 0.00001, false],
  ] as const)
    assert.equal(
      isPreciseEnough(simulatedRun({ trials }), precision),
      over,
      `${trials} ${precision}`,
    )
})

test('an open end is no precision', () => {
  assert.equal(halfWidthOf({ ...ratioOf(3, 0.03), open: { low: false, high: true } }), null)
})

test('what was asked for and not met is said, with the trials that it would take', () => {
  const run = simulatedRun({ trials: 3 })
  const asked = { ...run, configuration: { ...run.configuration, precision: 0.00001 } }
  assert.match(precisionText(asked) ?? '', /not to the ±0\.0 % asked for; .* would take/)
  assert.equal(precisionText(simulatedRun()), null)
})

test('the pause of a weekend is no time that trials take', () => {
  const run = simulatedRun({ trials: 3 })
  const startedAt = '2026-01-02T16:00:00.000Z'
  const configuration = { ...run.configuration, precision: 0.002 }
  const asked = { ...run, configuration, startedAt }
  const after = (ms: number): string => new Date(Date.parse(startedAt) + ms).toISOString()
  const [tookMs, weekendMs] = [30 * 60_000, 64 * 3_600_000]
  const inOneGo = precisionText({ ...asked, finishedAt: after(tookMs) })
  const resumed = { ...asked, finishedAt: after(tookMs + weekendMs), pausedMs: weekendMs }
  assert.match(inOneGo ?? '', /about \d+ minutes in all/)
  assert.equal(precisionText(resumed), inOneGo)
})

test('levels of a factor and a single arm have no ratio that could be precise', () => {
  const levels = simulatedFactor('pool size', [{ level: '1' }, { level: '10' }])
  assert.equal(hasRatio(levels), false)
  assert.equal(hasRatio(simulatedRun({ models: { pooled: SIMULATED_MODELS['pooled']! } })), false)
  assert.equal(hasRatio(simulatedRun()), true)
})

test('without both kinds of connections there is no main ratio', () => {
  assert.deepEqual(
    comparedArms(simulatedRun({ models: { pooled: SIMULATED_MODELS['pooled']! } })),
    [],
  )
})
