import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Value } from 'typebox/value'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import { Run } from '../measurement/run.ts'
import type { Stage } from '../measurement/stage.ts'
import { storable } from './storable.ts'

/** A run in which `spoil` was done to its first stage; and what of it can be kept. */
function kept(spoil: (stage: Stage) => void): ReturnType<typeof storable> & { first: Stage } {
  const run = simulatedRun()
  const stage = run.trials[0]?.stages[0]
  assert.ok(stage)
  spoil(stage)
  const result = storable(run)
  assert.ok(Value.Check(Run, result.run))
  const first = result.run.trials[0]?.stages[0]
  assert.ok(first)
  return { ...result, first }
}

test('a sound run is stored as it is', () => {
  const run = simulatedRun()
  assert.deepEqual(storable(run), { run, lost: [] })
})

for (const none of [Number.NaN, Infinity, -Infinity]) {
  test(`a figure that is ${none} becomes null, its stage INVALID, and the rest stays`, () => {
    const { first, lost, run } = kept((stage) => (stage.drift = none))
    assert.equal(first.drift, null)
    assert.equal(first.validity.valid, false)
    assert.match(first.validity.reasons.at(-1)?.text ?? '', /\/trials\/0\/stages\/0\/drift /)
    assert.equal(lost.length, 1)
    assert.equal(run.trials[0]?.stages.length, simulatedRun().trials[0]?.stages.length)
  })
}

test('a part whose figures are none is left out, the other parts stay', () => {
  const { first } = kept((stage) => {
    if (stage.cpu.app) stage.cpu.app.cores = Number.NaN
  })
  assert.equal(first.cpu.app, undefined)
  assert.ok(first.cpu.db)
  assert.equal(first.validity.valid, false)
})

test('a stage that cannot be without the figure goes, and the others stay', () => {
  const { run, lost } = kept((stage) => (stage.littlesLaw.residual = Number.NaN))
  assert.equal(
    run.trials[0]?.stages.length,
    (simulatedRun().trials[0]?.stages.length ?? Number.NaN) - 1,
  )
  assert.match(lost[0] ?? '', /littlesLaw\/residual/)
})

test('several of them, and one outside of a stage', () => {
  const run = simulatedRun()
  const [a, b] = run.trials
  assert.ok(a?.stages[1] && b?.stages[0])
  a.stages[1].drift = Number.NaN
  b.stages[0].all.meanMs = Infinity
  b.host = { busyRatio: Number.NaN, yardstickBeforeMs: 0, yardstickAfterMs: null }
  const { run: stored, lost } = storable(run)
  assert.ok(Value.Check(Run, stored))
  assert.equal(stored.trials.length, run.trials.length)
  assert.ok(lost.length >= 3)
})
