import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedFactor } from '../../../test/fixtures/simulated-factor.ts'
import { simulatedRun } from '../../../test/fixtures/simulated-run.ts'
import { armOf } from '../claims/arms.ts'
import { decisionsOf } from './decisions.ts'
import { factorText, factorViews } from './levels.ts'

const SIZES = [
  { level: '1', model: { ceilingPerS: 700 } },
  { level: '5', model: { ceilingPerS: 1800 } },
  { level: '10', model: { ceilingPerS: 1800 } },
  { level: '50', model: { ceilingPerS: 1400 } },
]

test('a factor is shown against its levels, in the order in which they are written', () => {
  const [view] = factorViews(simulatedFactor('pool size, connections', SIZES))
  assert.deepEqual(
    view?.levels.map(({ level }) => level),
    ['1', '5', '10', '50'],
  )
  assert.deepEqual([view?.factor, view?.from], ['pool size, connections', 'pooled'])
  for (const { level, crossing, ceiling, appUs, dbUs, p95Ms } of view?.levels ?? []) {
    for (const figure of [crossing, ceiling, appUs, dbUs, p95Ms]) {
      assert.ok(figure?.interval, `level ${level} has a figure without an interval`)
      const { low, high } = figure.interval
      assert.ok((low ?? NaN) <= figure.value && figure.value <= (high ?? NaN))
    }
  }
})

test('no interval of a time reaches below 0, however unlike the trials are', () => {
  const run = simulatedFactor('pool size, connections', SIZES)
  const p95s = [5, 900, 40]
  const trials = run.trials.map((trial) => ({
    ...trial,
    stages: trial.stages.map((stage) => ({
      ...stage,
      all: { ...stage.all, p95Ms: p95s[trial.index] ?? 5 },
    })),
  }))
  const [view] = factorViews({ ...run, trials })
  assert.equal(view?.levels.length, SIZES.length)
  for (const { p95Ms } of view.levels) {
    // By hand: the logarithms have the mean 4.03 and the deviation 2.62, t with 2 degrees is 4.303.
    assert.ok(Math.abs((p95Ms?.value ?? 0) - 56.5) < 0.1, String(p95Ms?.value))
    assert.ok(Math.abs((p95Ms?.interval?.low ?? 0) - 0.085) < 0.02, JSON.stringify(p95Ms))
  }
})

test('the p95 of a level is that of its table: with what users waited for failures', () => {
  const run = simulatedFactor('pool size, connections', SIZES)
  const trials = run.trials.map((trial) => ({
    ...trial,
    stages: trial.stages.map((stage) => ({ ...stage, waited: { meanMs: 5, p95Ms: 700 } })),
  }))
  const [view] = factorViews({ ...run, trials })
  for (const { p95Ms } of view?.levels ?? []) assert.equal(Math.round(p95Ms?.value ?? 0), 700)
})

test('what an order takes where nobody queues is told, if levels differ in it', () => {
  const of = (...baseMs: number[]) => {
    const levels = baseMs.map((ms, at) => ({ level: String(at), model: { baseMs: ms } }))
    const [view] = factorViews(simulatedFactor('round trip, ms', levels))
    assert.ok(view)
    assert.equal(view.idleUsers, 40)
    return factorText(view)
  }
  // In the fixture the median of an order is 0.82 × 1.6 of the mean.
  assert.match(
    of(2, 20),
    / Half of the orders take at most 3\.\d ms at “0”, and 2\d\.\d ms at “1” \(/,
  )
  assert.doesNotMatch(of(2, 2), /orders/)
  const slow = [{ level: '0' }, { level: '1', model: { ceilingPerS: 70 } }]
  const [busy] = factorViews(simulatedFactor('round trip, ms', slow))
  assert.ok(busy)
  assert.equal(busy.idleUsers, null, 'a level that is near its crossing queues')
  assert.doesNotMatch(factorText(busy), /orders/)
})

test('levels that differ by less than the trials do are not distinguished from the best, others are', () => {
  for (const seed of [1, 2, 3, 4]) {
    const [view] = factorViews(simulatedFactor('pool size, connections', SIZES, { seed }))
    assert.deepEqual(view?.optimum?.candidates, ['5', '10'], `seed ${seed}`)
    assert.equal(view.optimum.worst?.level, '1')
    const { ratio, interval } = view.optimum.worst
    const { low, high } = interval ?? {}
    assert.ok(low && ratio && high && low < ratio && ratio < high && high < 1)
    assert.match(
      factorText(view),
      /serves the most users; “(5|10)” cannot be told from it; “1” serves/,
    )
  }
})

test('the level that is the best in truth is among those kept, in 95 % of runs', () => {
  const nearly = [
    { level: '5', model: { ceilingPerS: 1792 } },
    { level: '10', model: { ceilingPerS: 1800 } },
    { level: '20', model: { ceilingPerS: 1796 } },
  ]
  const runs = Array.from({ length: 50 }, (_, seed) => seed + 1)
  const kept = runs.filter((seed) => {
    const [view] = factorViews(simulatedFactor('pool size, connections', nearly, { seed }))
    return view?.optimum?.candidates?.includes('10')
  })
  // At 95 % fewer than 44 of 50 come with a chance of under 1 in 100.
  assert.ok(kept.length >= 44, `${kept.length} of ${runs.length}`)
})

for (const trials of [1, 2])
  test(`${trials} of three trials: the best is named, no other level is ruled out, none costs more`, () => {
    const [view] = factorViews(simulatedFactor('pool size, connections', SIZES, { trials }))
    assert.equal(view?.optimum?.candidates, null)
    assert.equal(view?.optimum?.worst?.interval, null)
    assert.ok(view)
    assert.match(factorText(view), /fewer than 3 trials cannot tell/)
    assert.match(factorText(view), /was seen in too few trials to tell levels apart/)
    assert.doesNotMatch(factorText(view), /cannot be told|the least CPU/)
  })

test('where a level was not taken to its crossing none is called the best', () => {
  const run = simulatedFactor('pool size, connections', SIZES)
  const crossings = run.crossings.map((crossing, at) =>
    at === 1 ? { ...crossing, state: 'not-reached' as const, users: null } : crossing,
  )
  const [view] = factorViews({ ...run, crossings })
  assert.equal(view?.optimum, null)
  assert.match(factorText(view), /none is called the best/)
})

test('one thing changed on two arms is a grid of the level and the arm that it was changed from', () => {
  const levels = ['0', '2'].flatMap((level) =>
    ['pooled', 'per-request'].map((from) => ({ level, from, model: {} })),
  )
  const run = simulatedFactor('round trip, ms', levels)
  const [decision] = decisionsOf(run)
  assert.deepEqual(decision?.modes, ['0', '2'])
  assert.deepEqual(decision?.frameworks, ['pooled', 'per-request'])
  assert.equal(decision.names.mode.long, 'round trip, ms')
  assert.equal(factorViews(run).length, 2)
})

test('of levels alone no claim is judged; beside them its arms are what it was', () => {
  const run = simulatedFactor('pool size, connections', SIZES)
  assert.deepEqual(run.claims, [])
  assert.equal(armOf(run, 'pooled'), null)
  const arms = [...run.configuration.arms, { name: 'pooled', mode: 'pooled' as const }]
  assert.equal(armOf({ configuration: { ...run.configuration, arms } }, 'pooled'), 'pooled')
})

test('arms without a factor, and a factor with one level, have no view', () => {
  assert.deepEqual(factorViews(simulatedRun()), [])
  assert.deepEqual(factorViews(simulatedFactor('pool size', SIZES.slice(0, 1))), [])
})
