import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import type { Trial } from '../measurement/trial.ts'
import { notesOf } from './trial-notes.ts'

function identityNotes(proofs: number, heldStages: number, state: Trial['state']): string[] {
  const [trial] = simulatedRun({ search: false }).trials
  assert.ok(trial)
  const stages = trial.stages.slice(0, 3)
  const identity = { arm: trial.arm, instance: '1', settings: {}, proofs, heldStages }
  return notesOf({ ...trial, stages, identity, state })
}

test('an answer that was missed is counted, and none where the arm had died', () => {
  assert.deepEqual(identityNotes(4, 3, 'complete'), [])
  assert.match(identityNotes(3, 3, 'complete').join(), /did not answer on \/healthz 1 of 4 times/)
  assert.deepEqual(identityNotes(3, 2, 'aborted'), [])
  assert.match(identityNotes(2, 2, 'aborted').join(), /did not answer on \/healthz 1 of 3 times/)
})
