import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  SIMULATED_MODELS,
  simulatedGrid,
  simulatedRun,
} from '../../../test/fixtures/simulated-run.ts'
import { type Decision, decisionsOf, decisionText } from './decisions.ts'
import { armFactors } from './grid.ts'

test('framework and mode come from the name and the mode that the arm promises', () => {
  const run = simulatedRun({ search: false })
  run.configuration.arms = [
    { name: 'pooled', mode: 'pooled' },
    { name: 'django-per-request', mode: 'per-request' },
    { name: 'per-request-per-request', mode: 'per-request' },
    { name: 'floor', mode: 'pooled' },
    { name: 'theirs-pooled', mode: null },
    { name: '-pooled', mode: 'pooled' },
  ]
  assert.deepEqual(armFactors(run), [
    { arm: 'pooled', framework: 'reference', mode: 'pooled' },
    { arm: 'django-per-request', framework: 'django', mode: 'per-request' },
    { arm: 'per-request-per-request', framework: 'per-request', mode: 'per-request' },
  ])
})

for (const trials of [1, 3])
  test(`what was made up to decide is found with ${trials} trials and a missing cell`, () => {
    const decisions = decisionsOf(simulatedGrid({ trials }))
    assert.deepEqual(
      decisions.map(({ figure }) => figure),
      ['crossing', 'ceiling', 'app CPU', 'database CPU'],
    )
    const [, ceiling, app, database] = decisions
    assert.equal(database?.missingCells, 1)
    assert.equal(ceiling?.errorTerm, trials > 1 ? 'trials' : 'interaction')
    const of = ({ levels = [] }: Partial<Decision> = {}) => {
      return (level: string) => levels.find((one) => one.level === level)?.ratio ?? 0
    }
    const [ratio, work] = [of(app), of(database)]
    assert.ok(Math.abs(ratio('django') / ratio('reference') / 6 - 1) < 0.05)
    assert.ok(Math.abs(ratio('per-request') / ratio('pooled') / 6.5 - 1) < 0.05)
    const [byMode, byFramework] = [
      work('per-request') / work('pooled'),
      work('django') / work('reference'),
    ]
    assert.ok(byMode > 5 * byFramework, `${byMode} and ${byFramework}`)
    const [, mode, framework] = / ([\d.]+) times, .* ([\d.]+) times/.exec(decisionText(app!)) ?? []
    assert.ok(Math.abs(Number(mode) / 6.5 - 1) < 0.05, mode)
    assert.ok(Number(framework) >= 5.7, framework)
  })

test('the reference service alone, or three arms of two frameworks alone, is no grid', () => {
  assert.deepEqual(decisionsOf(simulatedRun()), [])
  const models = {
    'fastapi-pooled': SIMULATED_MODELS['pooled']!,
    'django-persistent': SIMULATED_MODELS['persistent']!,
    'django-per-request': SIMULATED_MODELS['per-request']!,
  }
  assert.deepEqual(decisionsOf(simulatedRun({ models })), [])
})

test('invalid stages and arms that did not cross decide nothing', () => {
  const run = simulatedGrid()
  for (const trial of run.trials) trial.stages = trial.stages.filter(({ users }) => users <= 50)
  assert.ok(!decisionsOf(run).some(({ figure }) => figure === 'ceiling'))
  for (const { stages } of run.trials) for (const { validity } of stages) validity.valid = false
  assert.deepEqual(decisionsOf(run), [])
})
