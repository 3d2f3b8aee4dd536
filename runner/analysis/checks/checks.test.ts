import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Value } from 'typebox/value'
import { simulatedRun } from '../../../test/fixtures/simulated-run.ts'
import { Reason, type Stage } from '../../measurement/stage.ts'
import { nothingCounts } from '../host-state.ts'
import { judgedAgain } from '../standing.ts'
import { limitedByRunner } from '../validity.ts'
import { BOUNDS, CHECKS } from './checks.ts'

const run = simulatedRun()
const [sound] = run.trials.flatMap(({ stages }) => stages)
assert.ok(sound)

const against = (check: string): Stage => ({
  ...sound,
  validity: { valid: false, reasons: [{ check, figure: 1, bound: 0, text: 'why' }] },
})

test('a check has a name of its own that a file may have, and its bounds are found by it', () => {
  const ids = CHECKS.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length)
  for (const stage of ids.map(against))
    assert.ok(Value.Check(Reason, stage.validity.reasons[0]), JSON.stringify(stage.validity))
  for (const { id, bounds } of CHECKS) assert.equal(BOUNDS[id], bounds)
})

test('what is no name of a check is none in a file', () => {
  for (const check of ['', 'Drift', 'a b', '../x', 'x'.repeat(65)]) {
    const [reason] = against(check).validity.reasons
    assert.equal(Value.Check(Reason, reason), false, check)
  }
})

for (const { id, blames, judge } of CHECKS)
  test(`a stage that fails ${id} is held against the ${blames}, and nobody else`, () => {
    const stage = against(id)
    assert.equal(limitedByRunner(stage), blames === 'runner')
    const ofMachine = nothingCounts([{ stages: [stage] }]) !== null
    assert.equal(ofMachine, blames === 'runner' || blames === 'machine')
    const trials = run.trials.map((trial) => ({ ...trial, stages: [stage] }))
    const again = judgedAgain({ ...run, trials }).trials[0]?.stages[0]
    // What the figures show is judged by them again, and they are sound.
    assert.equal(again?.validity.valid, judge !== 'as-measured')
  })

test('a check of a later version reads, and nobody is blamed for it', () => {
  const stage = against('of-tomorrow')
  assert.ok(Value.Check(Reason, stage.validity.reasons[0]))
  assert.equal(limitedByRunner(stage), false)
})
