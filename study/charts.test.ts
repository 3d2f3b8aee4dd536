import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chartedCrossing, middleOf } from '../runner/analysis/claims/predictions.ts'
import type { Reading, Step } from '../runner/measurement/study.ts'
import type { Mode } from '../runner/measurement/trial.ts'
import { CROSSING } from '../runner/plan/profiles.ts'
import { isWithin, meanByLaw, ownCrossing, shareOfStep, thinkByLaw } from './charts.ts'
import { STUDY } from './study.ts'

const { charts, predictions } = STUDY.figures
const { error, thinkMs } = charts
const stepsOf = (role: Mode): readonly Step[] =>
  charts.arms.find((arm) => arm.role === role)?.steps ?? []

/** Steps with all three: requests/s, running mean, own mean. */
type Whole = Step & { perS: Reading; ownMs: Reading; runningMs: Reading }
const isWhole = (step: Step): step is Whole =>
  step.perS !== undefined && step.ownMs !== undefined && step.runningMs !== undefined
const whole = charts.arms.flatMap(({ role, steps }) =>
  steps.filter(isWhole).map((step) => ({ role, step })),
)

test('there are nine held steps with every figure, five that rose, one held without requests/s, one that stalled', () => {
  assert.equal(whole.length, 9)
  const unsteady = charts.arms.flatMap(({ steps }) => steps.filter((step) => step.unsteady))
  assert.equal(unsteady.length, 6)
  assert.equal(charts.arms.flatMap(({ steps }) => steps).length, 16)
})

for (const { role, step } of whole)
  test(`${role} at ${step.users} users: the derived own mean is N / X - Z, within what the chart can be read to`, () => {
    const { users, perS, ownMs } = step
    const byLaw = meanByLaw(users, middleOf(perS), thinkMs)
    // A request/s that is misread moves N / X by so much.
    const misread = Math.abs(meanByLaw(users, middleOf(perS) - error.perS, thinkMs) - byLaw)
    assert.ok(isWithin(byLaw, ownMs, misread + error.ms), `${byLaw} ms`)
  })

test('users paused for 0.37 s: eight of the nine steps alone say 366 to 374 ms, as nearly as they are read', () => {
  const pauses = whole.map(({ step }) =>
    thinkByLaw(step.users, middleOf(step.perS), middleOf(step.ownMs)),
  )
  const near = pauses.filter((ms) => ms >= 365.5 && ms <= 374.5)
  assert.ok(near.length >= 7, pauses.map((ms) => ms.toFixed(0)).join())
  assert.ok(Math.abs(middleOf({ low: 250, high: 500 }) - thinkMs) <= error.ms)
  const { article } = STUDY.profiles
  assert.deepEqual(article?.thinkMs, { min: 250, max: 500 })
})

test('read as the step’s own, the charted average would make users pause for longer with each step', () => {
  const pauses = whole.map(({ step }) =>
    thinkByLaw(step.users, middleOf(step.perS), middleOf(step.runningMs)),
  )
  assert.ok(Math.max(...pauses) > 490 && Math.min(...pauses) < 375, pauses.join())
})

test('each running mean lies between the one before it and its step’s own mean, as it must', () => {
  for (const role of ['pooled', 'persistent'] as const) {
    const steps = stepsOf(role).filter(isWhole)
    for (const [at, step] of steps.entries()) {
      const before = steps[at - 1]
      if (!before) continue
      const share = shareOfStep(
        middleOf(before.runningMs),
        middleOf(step.runningMs),
        middleOf(step.ownMs),
      )
      assert.ok(share > 0.1 && share < 0.75, `${role} at ${step.users}: ${share}`)
    }
  }
})

test('the crossings that are registered are those of the points, both ways', () => {
  const { ms } = STUDY.registration.threshold
  for (const role of ['pooled', 'persistent'] as const) {
    const registered = predictions.find((one) => one.role === role && one.figure === 'crossing')
    assert.ok(registered?.figure === 'crossing')
    const own = ownCrossing(stepsOf(role), ms) ?? Number.NaN
    assert.ok(isWithin(own, registered.value, 1), `${role}: ${own}`)
    const charted = chartedCrossing(STUDY, role) ?? Number.NaN
    assert.ok(charted > own && charted > 48 && charted < 60, `${role}: ${charted}`)
  }
  const rising = chartedCrossing(STUDY, 'per-request') ?? Number.NaN
  assert.ok(rising > 20 && rising < 28, `${rising}`)
})

test('the ramp is scaled by what the pool serves: 104.5 requests/s cross at the step by which ramps here are', () => {
  const most = Math.max(...stepsOf('pooled').flatMap(({ perS }) => (perS ? middleOf(perS) : [])))
  const { ms } = STUDY.registration.threshold
  assert.equal(Math.round((most * (ms + thinkMs)) / 1000), STUDY.ramp.crossing)
  assert.equal(STUDY.ramp.crossing, CROSSING)
})
