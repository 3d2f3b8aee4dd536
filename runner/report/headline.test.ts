import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SIMULATED_MODELS, simulatedRun } from '../../test/fixtures/simulated-run.ts'
import { analyse } from '../analysis/analyse.ts'
import type { Run } from '../measurement/run.ts'
import { comparison, headline } from './headline.ts'

const judged = (run: Run): Run => ({ ...run, ...analyse(run) })

test('kept connections stand against a new one for each request, with the interval', () => {
  assert.match(
    comparison(judged(simulatedRun({ trials: 3 }))),
    /^pooled serves 6\.\d+ times the users of per-request \(95 % interval, of this run: 6\.\d+ to 6\.\d+\) before/,
  )
})

test('one trial is said to be provisional, and no claim is decided by it', () => {
  const text = headline(judged(simulatedRun()))
  assert.match(text, /\(provisional: 1 trial, no interval\)/)
  assert.match(text, /0 reproduced, 0 not reproduced .* only since a verdict needs 3 trials/)
})

test('where one of the two did not cross it says that it cannot compare, and why', () => {
  const models = {
    ...SIMULATED_MODELS,
    pooled: { ...SIMULATED_MODELS['pooled']!, ceilingPerS: 1e6 },
  }
  assert.match(
    comparison(judged(simulatedRun({ trials: 3, models }))),
    /^pooled and per-request cannot be compared\. pooled: .* per-request: /,
  )
})

test('arms of which none crossed are told in one sentence', () => {
  assert.match(
    comparison(judged(simulatedRun({ search: false }))),
    /^No arm’s mean response time reaches 100 ms with the users[^.]*\.$/,
  )
})

test('without both kinds of connections each arm is told as it is', () => {
  const models = { pooled: SIMULATED_MODELS['pooled']! }
  assert.match(comparison(judged(simulatedRun({ models }))), /^pooled: the mean response time/)
})
