import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analyseArm } from '../../runner/analysis/arm-analysis.ts'
import { armNames } from '../../runner/analysis/levels.ts'
import { judgedAgain } from '../../runner/analysis/standing.ts'
import type { Run } from '../../runner/measurement/run.ts'
import { readIndex, readRecord } from '../../scripts/records.ts'

/** The same run with every response time off by one part in ten thousand, up and down in turn. */
function nudged(run: Run): Run {
  const trials = run.trials.map((trial) => ({
    ...trial,
    stages: trial.stages.map((stage, at) => {
      const by = (ms: number | null) => ms && ms * (1 + (at % 2 === 0 ? 1e-4 : -1e-4))
      const all = { ...stage.all, meanMs: by(stage.all.meanMs) }
      return { ...stage, all, meanWithTimeoutsMs: by(stage.meanWithTimeoutsMs) }
    }),
  }))
  return { ...run, trials }
}

let [settled, unsettled] = [0, 0]

for (const { name, sha256 } of await readIndex()) {
  if (sha256 === null) continue
  test(`${name}: a fit that converged holds when its stages move by a ten thousandth; one that did not says so`, async () => {
    const run = judgedAgain(await readRecord(name))
    for (const arm of armNames(run)) {
      const { crossing } = analyseArm(run, arm)
      if (crossing.users === null || run.configuration.thresholdOn !== 'mean') continue
      assert.equal(typeof crossing.converged, 'boolean', arm)
      assert.equal(/did not converge/.test(crossing.text), !crossing.converged, crossing.text)
      if (crossing.converged) settled += 1
      else unsettled += 1
      if (!crossing.converged) continue
      const { users } = analyseArm(nudged(run), arm).crossing
      const off = Math.abs((users ?? 0) / crossing.users - 1)
      assert.ok(off < 1e-3, `${arm}: ${crossing.users} and ${users}`)
    }
  })
}

test('of the committed crossings nearly all settle, and those on which no curve agrees are said', () => {
  assert.ok(settled > 100 && unsettled > 0, `${settled} settled, ${unsettled} not`)
  assert.ok(unsettled < 0.05 * settled, `${unsettled} did not settle`)
})
