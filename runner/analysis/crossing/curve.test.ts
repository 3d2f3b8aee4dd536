import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedRun } from '../../../test/fixtures/simulated-run.ts'
import { analyseArm } from '../arm-analysis.ts'
import { responseCurve } from './curve.ts'

const range = { low: 5, high: 500 }

test('the curve passes through the crossing, and its band is the crossing’s interval there', () => {
  const arm = analyseArm(simulatedRun({ trials: 3 }), 'pooled')
  const { users, interval } = arm.crossing
  const at = responseCurve(arm, { low: 100, high: 500 })[0]
  assert.ok(users && interval?.low && interval.high && at?.reach)
  for (const [drawn, estimated] of [
    [at.users, users],
    [at.reach.low, interval.low],
    [at.reach.high, interval.high],
  ] as const)
    assert.ok(Math.abs(drawn / estimated - 1) < 1e-6, `${drawn} and ${estimated}`)
})

test('users and response time rise together, over the users that were measured alone', () => {
  const arm = analyseArm(simulatedRun({ trials: 3 }), 'per-request')
  const curve = responseCurve(arm, range)
  assert.ok(curve.length > 10)
  for (const [at, { users, ms }] of curve.entries()) {
    const before = curve[at - 1]
    assert.ok(!before || (users > before.users && ms > before.ms))
    assert.ok(users >= (arm.measured?.least ?? Infinity) && users <= (arm.measured?.most ?? 0))
  }
})

test('one trial has a curve without a band, an arm without a valid stage none', () => {
  const run = simulatedRun()
  const curve = responseCurve(analyseArm(run, 'pooled'), range)
  assert.ok(curve.length > 0 && curve.every(({ reach }) => reach === null))
  for (const { stages } of run.trials) for (const { validity } of stages) validity.valid = false
  assert.deepEqual(responseCurve(analyseArm(run, 'pooled'), range), [])
})
