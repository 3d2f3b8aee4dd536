import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedFactor } from '../../../test/fixtures/simulated-factor.ts'
import type { Run } from '../../measurement/run.ts'
import type { Trial } from '../../measurement/trial.ts'
import { analyse } from '../analyse.ts'
import { factorText, type FactorView, factorViews } from './levels.ts'

const FACTOR = 'pool size, connections'
const NEAR = [
  { level: '5', model: { ceilingPerS: 1790 } },
  { level: '10', model: { ceilingPerS: 1800 } },
  { level: '20', model: { ceilingPerS: 1795 } },
]
const FAR = [
  { level: '1', model: { ceilingPerS: 700 } },
  { level: '5', model: { ceilingPerS: 1790 } },
  { level: '10', model: { ceilingPerS: 1800 } },
]

/** What is said once some trials are not what they were, or are not there. */
function viewOf(run: Run, change: (trial: Trial) => Trial | null): FactorView {
  const trials = run.trials.flatMap((trial) => change(trial) ?? [])
  const changed = { ...run, trials }
  const [view] = factorViews({ ...changed, ...analyse(changed) })
  assert.ok(view)
  return view
}

const upTo = (trial: Trial, most: number): Trial => ({
  ...trial,
  stages: trial.stages.filter(({ users }) => users <= most),
})
const isOf = (trial: Trial, level: number) => trial.arm.startsWith(`level-${level}-`)

test('a level of which a trial did not cross is not ruled out, and its ratio is open above', () => {
  const view = viewOf(simulatedFactor(FACTOR, FAR), (trial) =>
    isOf(trial, 0) && trial.index === 1 ? upTo(trial, 80) : trial,
  )
  const { candidates, worst } = view.optimum ?? {}
  assert.ok(candidates?.includes('1'), String(candidates))
  assert.equal(worst?.level, '1')
  assert.equal(worst.interval?.high, null)
  assert.match(
    factorText(view),
    /; “1” serves 0\.\d\d times as many \(at least 0\.\d\d, open above\)\./,
  )
})

test('a trial that is missing from a slow round makes no level the best', () => {
  const run = simulatedFactor(FACTOR, NEAR)
  // The machine was at half its speed in round 0: every level crosses at half the users there.
  const slow = (trial: Trial): Trial => ({
    ...trial,
    stages: trial.stages.map((stage) => ({ ...stage, users: Math.round(stage.users / 2) })),
  })
  const view = viewOf(run, (trial) => {
    if (trial.index !== 0) return trial
    return isOf(trial, 0) ? null : slow(trial)
  })
  const [five, ten] = view.levels
  assert.ok((five?.crossing?.value ?? 0) > 1.1 * (ten?.crossing?.value ?? 0), 'its own mean leads')
  const { candidates, worst, lacksTrials } = view.optimum ?? {}
  assert.deepEqual(candidates, ['5', '10', '20'])
  assert.ok(worst?.ratio && worst.ratio > 0.9, JSON.stringify(worst))
  assert.equal(lacksTrials, true)
})

test('a level with two trials is never ruled out, and has no interval here either', () => {
  const view = viewOf(simulatedFactor(FACTOR, FAR), (trial) =>
    isOf(trial, 0) && trial.index === 1 ? null : trial,
  )
  const { candidates, worst } = view.optimum ?? {}
  assert.ok(candidates?.includes('1'))
  assert.deepEqual([worst?.level, worst?.interval], ['1', null])
})

test('with a trial missing the best in truth is still among those kept, in 95 % of runs', () => {
  const seeds = Array.from({ length: 50 }, (_, seed) => seed + 1)
  const kept = seeds.filter((seed) => {
    const run = simulatedFactor(FACTOR, [...NEAR, { level: '50', model: { ceilingPerS: 1400 } }], {
      seed,
      trials: 4,
    })
    const view = viewOf(run, (trial) =>
      isOf(trial, seed % 3) && trial.index === seed % 4 ? null : trial,
    )
    assert.ok(!view.optimum?.candidates?.includes('50'), `seed ${seed}: no power`)
    return view.optimum?.candidates?.includes('10')
  })
  // At 95 % fewer than 44 of 50 come with a chance of under 1 in 100.
  assert.ok(kept.length >= 44, `${kept.length} of ${seeds.length}`)
})

test('where a level has no valid stage none is called the best', () => {
  const view = viewOf(simulatedFactor(FACTOR, FAR), (trial) =>
    isOf(trial, 1) ? { ...trial, stages: [] } : trial,
  )
  assert.equal(view.optimum, null)
})

test('a level that is past the threshold at the fewest users serves the fewest, by no ratio', () => {
  const view = viewOf(simulatedFactor(FACTOR, FAR), (trial) =>
    isOf(trial, 0)
      ? { ...trial, stages: trial.stages.filter(({ all }) => (all.meanMs ?? 0) > 300) }
      : trial,
  )
  assert.match(factorText(view), /; “1” is past the threshold at the fewest users already\./)
})
