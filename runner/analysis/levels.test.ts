import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import type { Run } from '../measurement/run.ts'
import { equalUtilisation } from './levels.ts'

test('in a p95 run an arm is past the threshold by its p95', () => {
  const run = simulatedRun()
  const p95: Run = { ...run, configuration: { ...run.configuration, thresholdOn: 'p95' } }
  for (const stage of p95.trials.flatMap(({ stages }) => stages))
    stage.all = { ...stage.all, p95Ms: 500 }
  const most = Math.max(
    ...run.trials.flatMap(({ arm, stages }) =>
      arm === 'pooled' ? stages.map(({ all }) => all.throughputPerS) : [],
    ),
  )
  const ceilings = new Map([['pooled', most]])
  assert.deepEqual(equalUtilisation(p95, ceilings), [])
  assert.equal(equalUtilisation(run, ceilings).length, 1)
})

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
