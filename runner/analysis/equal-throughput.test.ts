import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SIMULATED_MODELS, simulatedRun } from '../../test/fixtures/simulated-run.ts'
import type { Run } from '../measurement/run.ts'
import type { Stage } from '../measurement/stage.ts'
import { equalThroughput } from './equal-throughput.ts'

const { pooled } = SIMULATED_MODELS
assert.ok(pooled)

/** µs that a request costs at so many a second: each arm's own, the more the fewer they are. */
const COSTS: Readonly<Record<string, (perS: number) => number>> = {
  pooled: (perS) => 300 + 20_000 / perS,
  other: (perS) => 600 + 40_000 / perS,
  slow: (perS) => 2000 + 10_000 / perS,
}
const appUs = ({ cpu }: Stage) => cpu.app?.usPerRequest

/** Arms by their ceilings, each held at its own users, without noise in what a request costs. */
function runOf(
  arms: Readonly<Record<string, readonly [ceilingPerS: number, ...users: number[]]>>,
): Run {
  const models = Object.fromEntries(
    Object.entries(arms).map(([arm, [ceilingPerS]]) => [arm, { ...pooled!, ceilingPerS }]),
  )
  const run = simulatedRun({ models, trials: 2, search: true })
  const trials = run.trials.map((trial) => {
    const [, ...users] = arms[trial.arm] ?? [0]
    const stages = trial.stages
      .filter((stage) => users.includes(stage.users))
      .map((stage) => {
        const usPerRequest = COSTS[trial.arm]?.(stage.all.throughputPerS) ?? 0
        return { ...stage, cpu: { app: { cores: 1, usPerRequest, throttledRatio: 0 } } }
      })
    return { ...trial, stages }
  })
  return { ...run, trials }
}

test('arms held at other users are compared at as many requests a second, read between their stages', () => {
  const { perS, arms } = equalThroughput(
    runOf({ pooled: [1850, 40, 60, 80], other: [1850, 50, 70] }),
  )
  assert.ok(perS !== null && perS > 130 && perS < 145, `${perS}`)
  for (const { arm, known, at } of arms) {
    const truly = COSTS[arm]?.(perS) ?? 0
    assert.ok(
      known && Math.abs((at(appUs) ?? 0) / truly - 1) < 0.01,
      `${arm}: ${at(appUs)}, ${truly}`,
    )
  }
})

test('a saturated arm is not laid beside one that serves eight times as much from the same users', () => {
  const { perS, arms } = equalThroughput(
    runOf({ pooled: [1850, 40, 60, 80], other: [1850, 40, 60, 80], slow: [20, 40, 60, 80] }),
  )
  const slow = arms.find(({ arm }) => arm === 'slow')
  assert.ok(perS !== null && perS > 130, `${perS}`)
  assert.deepEqual([slow?.known, slow?.held, slow?.at(appUs)], [false, null, null])
  assert.ok(arms.filter(({ arm }) => arm !== 'slow').every(({ known }) => known))
})

test('an arm that serves less than the others were held at says how much it was held at', () => {
  const run = runOf({ pooled: [1850, 60, 80], other: [1850, 60, 80], slow: [100, 40] })
  const slow = equalThroughput(run).arms.find(({ arm }) => arm === 'slow')
  assert.equal(slow?.known, false)
  assert.ok(slow.held && slow.held.most > 70 && slow.held.most < 85, JSON.stringify(slow.held))
})

test('a run of nothing has no throughput to compare at', () => {
  assert.deepEqual(equalThroughput({ ...simulatedRun(), trials: [] }).perS, null)
})
