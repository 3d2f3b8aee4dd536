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

let settled = 0

for (const { name, sha256 } of await readIndex()) {
  if (sha256 === null) continue
  test(`${name}: the fit of every arm converges, and holds when its stages move by a ten thousandth`, async () => {
    const run = judgedAgain(await readRecord(name))
    for (const arm of armNames(run)) {
      const { crossing } = analyseArm(run, arm)
      if (crossing.users === null || run.configuration.thresholdOn !== 'mean') continue
      assert.equal(crossing.converged, true, arm)
      assert.doesNotMatch(crossing.text, /did not converge/)
      settled += 1
      const again = analyseArm(nudged(run), arm).crossing
      assert.equal(again.converged, true, `${arm}, moved`)
      const off = Math.abs((again.users ?? 0) / crossing.users - 1)
      assert.ok(off < 1e-3, `${arm}: ${crossing.users} and ${again.users}`)
    }
  })
}

test('the committed crossings were looked at', () => {
  assert.ok(settled > 100, `${settled} settled`)
})
