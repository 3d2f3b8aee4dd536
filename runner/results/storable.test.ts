import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Value } from 'typebox/value'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import { Run } from '../measurement/run.ts'
import type { Stage } from '../measurement/stage.ts'
import { judgedAgain } from '../analysis/standing.ts'
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

test('a stage that cannot be without the figure is INVALID by name, and every stage keeps its place', () => {
  const { run, lost } = kept((stage) => (stage.littlesLaw.residual = Number.NaN))
  const [first, ...others] = run.trials[0]?.stages ?? []
  const [, ...sound] = simulatedRun().trials[0]?.stages ?? []
  assert.deepEqual(others, sound)
  assert.equal(first?.validity.valid, false)
  assert.match(first.validity.reasons[0]?.text ?? '', /littlesLaw\/residual/)
  assert.equal(lost.length, 1)
  assert.match(lost[0] ?? '', /^stage 1 .*littlesLaw\/residual/)
  const [again] = judgedAgain(run).trials
  assert.equal(again?.stages[0]?.validity.valid, false, 'and stays so when it is judged again')
})

test('a field of a trial that may be absent is left out by name, and the run is kept', () => {
  const run = simulatedRun()
  const [trial] = run.trials
  assert.ok(trial)
  trial.roundTripMs = Number.NaN
  trial.armLimits = { cores: 0 }
  const { run: stored, lost } = storable(run)
  assert.ok(Value.Check(Run, stored))
  assert.ok(!('roundTripMs' in (stored.trials[0] ?? {})) && !stored.trials[0]?.armLimits)
  assert.deepEqual(stored.trials[0]?.stages, trial.stages)
  assert.match(lost.join('\n'), /^trial 1, \S+: \/\w+ .*\ntrial 1, \S+: \/\w+/)
})

test('what is wrong outside of a stage is a defect, and named', () => {
  const run = simulatedRun()
  assert.throws(() => storable({ ...run, startedAt: 'yesterday' }), /run\.json: \/startedAt/)
})
