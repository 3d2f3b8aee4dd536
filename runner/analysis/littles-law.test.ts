import assert from 'node:assert/strict'
import { test } from 'node:test'
import { madeUpRun } from '../report/testing/made-up-run.ts'
import { littlesLaw } from './littles-law.ts'

const stage = madeUpRun().trials[0]?.stages[0]
assert.ok(stage)
const outcomes = { sent: 1190, succeeded: 1190, failed: 0, inFlight: 0, journeysAborted: 0 }
const base = { ...stage, users: 60, holdS: 10, outcomes, meanWithTimeoutsMs: null }
const at = (meanMs: number | null) => ({ ...stage.all, meanMs })

test('the article’s figures fit a think time of half a second', () => {
  // 60 users, 100 requests/s, 100 ms: design.md infers Z = 500 ms from Little's law.
  const article = { ...outcomes, succeeded: 1000 }
  assert.deepEqual(littlesLaw({ ...base, outcomes: article, all: at(100) }), {
    expectedUsers: 60,
    residual: 0,
  })
})

test('lost responses leave users unaccounted for', () => {
  const { residual } = littlesLaw({
    ...base,
    outcomes: { ...outcomes, succeeded: 900 },
    all: at(4.2),
  })
  assert.ok(residual < -0.2, `${residual}`)
})

test('requests that timed out kept their users busy', () => {
  const timedOut = { ...outcomes, succeeded: 1000, failed: 10 }
  const told = littlesLaw({ ...base, outcomes: timedOut, all: at(5), meanWithTimeoutsMs: 94 })
  assert.ok(Math.abs(told.residual) < 0.01, `${told.residual}`)
})

test('a think time drawn from a range counts with its middle', () => {
  const ranged = littlesLaw({ ...base, thinkMs: { min: 0, max: 1000 }, all: at(4.2) })
  assert.ok(Math.abs(ranged.residual) < 0.001, `${ranged.residual}`)
})

test('a stage without a request accounts for nobody', () => {
  const none = { ...outcomes, sent: 0, succeeded: 0 }
  assert.equal(littlesLaw({ ...base, outcomes: none, all: at(null) }).residual, -1)
})
