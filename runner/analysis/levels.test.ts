import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import { equalUtilisation } from './levels.ts'

test('a service that serves less since it is past its crossing is not 70 % busy', () => {
  const run = simulatedRun()
  const levelOf = (ceilingPerS: number): number | undefined =>
    equalUtilisation(run, new Map([['pooled', ceilingPerS]]))[0]?.level.users
  const stages = run.trials.flatMap((trial) => (trial.arm === 'pooled' ? trial.stages : []))
  const most = Math.max(...stages.map(({ users }) => users))
  const ceilingPerS = Math.max(...stages.map(({ all }) => all.throughputPerS))
  const before = levelOf(ceilingPerS)
  assert.ok(before !== undefined && before < most)
  for (const stage of stages.filter(({ users }) => users === most))
    stage.all = { ...stage.all, throughputPerS: 0.7 * ceilingPerS }
  assert.equal(levelOf(ceilingPerS), before)
})
