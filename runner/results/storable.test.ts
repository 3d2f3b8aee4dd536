import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Value } from 'typebox/value'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import { Run } from '../measurement/run.ts'
import type { Stage } from '../measurement/stage.ts'
import { storable } from './storable.ts'

/** A run in which `spoil` was done to its first stage; and what of it can be kept. */
function kept(spoil: (stage: Stage) => void): ReturnType<typeof storable> {
  const run = simulatedRun()
  const stage = run.trials[0]?.stages[0]
  assert.ok(stage)
  spoil(stage)
  const result = storable(run)
  assert.ok(Value.Check(Run, result.run))
  return result
}

test('a sound run is stored as it is', () => {
  const run = simulatedRun()
  assert.deepEqual(storable(run), { run, lost: [] })
})

for (const none of [Number.NaN, Infinity, -Infinity])
  test(`a figure that may be absent is null where it is ${none}, and its stage stays`, () => {
    const { lost, run } = kept((stage) => (stage.drift = none))
    assert.equal(run.trials[0]?.stages[0]?.drift, null)
    assert.deepEqual(lost, [])
  })

test('a stage that cannot be without the figure is left out by name, and the others stay', () => {
  const { run, lost } = kept((stage) => (stage.littlesLaw.residual = Number.NaN))
  assert.equal(run.trials[0]?.stages.length, (simulatedRun().trials[0]?.stages.length ?? 0) - 1)
  assert.equal(run.trials.length, simulatedRun().trials.length)
  assert.equal(lost.length, 1)
  assert.match(lost[0] ?? '', /^stage 1 .*littlesLaw\/residual/)
})

test('what is wrong outside of a stage is a defect, and named', () => {
  const run = simulatedRun()
  assert.throws(() => storable({ ...run, startedAt: 'yesterday' }), /run\.json: \/startedAt/)
})
