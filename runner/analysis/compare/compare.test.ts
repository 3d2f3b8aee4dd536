import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runOf, SIMULATED_MODELS } from '../../../test/fixtures/simulated-run.ts'
import type { Run } from '../../measurement/run.ts'
import { compare } from './compare.ts'
import { answerOf, type Comparison, type Row } from './comparison.ts'

const compared = (a: readonly [Run, ...Run[]], b: readonly [Run, ...Run[]]) =>
  compare({ name: 'A', runs: a }, { name: 'B', runs: b })

function found(a: Run, b: Run): Comparison {
  const result = compared([a], [b])
  assert.ok(!('refused' in result), JSON.stringify(result))
  return result
}

function row({ arms }: Comparison, arm: string, what: string): Row {
  const one = arms.find((own) => own.arm === arm)?.rows.find((own) => own.what === what)
  assert.ok(one, `${arm} ${what}`)
  return one
}

const slower = (factor: number) => {
  const pooled = SIMULATED_MODELS['pooled']
  assert.ok(pooled)
  const { ceilingPerS, appUs, baseMs } = pooled
  return {
    ...SIMULATED_MODELS,
    pooled: {
      ...pooled,
      ceilingPerS: ceilingPerS / factor,
      appUs: appUs * factor,
      baseMs: baseMs * factor,
    },
  }
}

test('with 3 trials a side a service half as fast is found out in every figure', () => {
  const trials = 3
  const result = found(runOf(1, { trials }), runOf(2, { trials, models: slower(2) }))
  for (const [what, truth] of [
    ['crossing', 0.5],
    ['ceiling', 0.5],
    ['app CPU', 2],
    ['mean at 40 users', 2],
  ] as const) {
    const { a, b, interval } = row(result, 'pooled', what)
    assert.ok(a !== null && b !== null && interval, what)
    assert.ok(Math.abs(b / a / truth - 1) < 0.1, `${what}: ${b / a}`)
    assert.equal(answerOf({ interval }), truth > 1 ? 'more' : 'less')
  }
  assert.equal(answerOf(row(result, 'pooled', 'database CPU')), 'same')
})

test('an arm that is a level of a factor says of which, and another nothing', () => {
  const levels = ['pooled', 'persistent'].map((name, at) => ({ name, level: String(at) }))
  const withLevels = (seed: number): Run => {
    const run = runOf(seed)
    for (const { name, level } of levels)
      Object.assign(run.configuration.arms.find((arm) => arm.name === name) ?? {}, {
        factor: 'pool size',
        level,
      })
    return run
  }
  assert.deepEqual(
    found(withLevels(1), withLevels(2)).arms.map(({ arm, changed }) => [arm, changed?.level]),
    [
      ['pooled', '0'],
      ['persistent', '1'],
      ['per-request', undefined],
    ],
  )
})

test('several runs in a folder are taken together as trials', () => {
  const result = compared([runOf(1), runOf(2), runOf(3)], [runOf(4), runOf(5), runOf(6)])
  assert.ok(!('refused' in result))
  const { interval } = row(result, 'pooled', 'p95 at 40 users')
  assert.ok(interval)
  assert.deepEqual(result.differences, [{ what: 'seed', a: '1, 2, 3', b: '4, 5, 6' }])
})

for (const what of ['crossing', 'ceiling', 'app CPU', 'mean at 40 users', 'p95 at 40 users'])
  test(`one trial a side gives a ratio and no interval of ${what}`, () => {
    const { a, b, interval } = row(found(runOf(1), runOf(2)), 'pooled', what)
    assert.ok(a !== null && b !== null)
    assert.equal(interval, null)
  })

test('where a side did not cross there is no ratio of crossings or ceilings, and it says which', () => {
  const result = found(runOf(1), runOf(2, { search: false }))
  for (const what of ['crossing', 'ceiling'])
    assert.equal(row(result, 'pooled', what).missing, 'B: threshold not reached')
  assert.equal(row(result, 'pooled', 'app CPU').missing, undefined)
})

test('a machine that was slower on one side stands beside the CPU of its arms', () => {
  const slow = (run: Run): Run => {
    for (const trial of run.trials)
      trial.host = { busyRatio: 0, yardstickBeforeMs: 7, yardstickAfterMs: 7 }
    return run
  }
  const fixed = 'host, fixed work'
  const { a, b, interval } = row(found(runOf(1), slow(runOf(2))), 'pooled', fixed)
  assert.deepEqual([a?.toFixed(3), b, interval], ['5.050', 7, null])
  const three = found(runOf(1, { trials: 3 }), slow(runOf(2, { trials: 3 })))
  assert.equal(answerOf(row(three, 'pooled', fixed)), 'more')

  const before = runOf(3)
  for (const trial of before.trials) delete trial.host
  const { arms } = found(before, runOf(4))
  assert.ok(arms.every(({ rows }) => rows.every(({ what }) => what !== fixed)))
})

test('what differs is reported, and only that; an arm of one side alone is reported once', () => {
  const a = runOf(1)
  const { pooled } = SIMULATED_MODELS
  const b = runOf(1, { models: { pooled: pooled! } })
  for (const trial of b.trials) trial.startedAt = '2026-02-02T00:00:00.000Z'
  b.environment = {
    ...b.environment,
    git: { commit: 'fedcba', dirty: true },
    database: { version: '16.4', settings: { shared_buffers: '256MB' } },
  }
  assert.deepEqual(found(a, b).differences, [
    { what: 'commit', a: '0123456789abcdef', b: 'fedcba, with changes' },
    { what: 'database', a: '12.7', b: '16.4' },
    { what: 'database: shared_buffers', a: '128MB', b: '256MB' },
    { what: 'arms', a: 'pooled, persistent, per-request', b: 'pooled' },
    { what: 'parts that competed for cores', a: 'yes', b: 'no' },
  ])
})

test('a checkout of which nobody knows whether it was changed is not the same as one that was not', () => {
  const [a, b] = [runOf(1), runOf(2)]
  const { commit } = a.environment.git
  b.environment = { ...b.environment, git: { commit, dirty: null } }
  const difference = found(a, b).differences.find(({ what }) => what === 'commit')
  assert.match(difference?.b ?? '', /, with changes or not: unknown$/)
})

test('the same two runs give the same comparison, byte for byte', () => {
  const once = JSON.stringify(found(runOf(1), runOf(2)))
  assert.equal(JSON.stringify(found(runOf(1), runOf(2))), once)
})

test('what cannot be compared gives its reasons in place of figures', () => {
  const result = compared([runOf(1)], [runOf(1)])
  assert.ok('refused' in result && result.refused.length === 1)
})

test('where each pilot found a ramp of its own that is a difference, and costs at equal load are none', () => {
  const [a, b] = [runOf(1), runOf(2)]
  a.configuration.rampFactor = 2
  Object.assign(b.configuration, { rampFactor: 3, users: [60, 120] })
  for (const { stages } of b.trials) for (const stage of stages) stage.users += 1_000
  const result = found(a, b)
  assert.deepEqual(
    result.differences.find(({ what }) => what === 'ramp'),
    { what: 'ramp', a: '40, 50, 60, 70, 80', b: '60, 120' },
  )
  a.configuration.users = [40, 80]
  assert.match(
    row(found(a, b), 'pooled', 'app CPU').missing ?? '',
    /give both runs the same --users/,
  )
})

test('the time between the sides and the work of the machine stand beside the ratios', () => {
  const b = runOf(2)
  b.startedAt = new Date(Date.parse(runOf(1).startedAt) + 86_400_000).toISOString()
  for (const trial of b.trials)
    trial.host = { busyRatio: 0, yardstickBeforeMs: 10.1, yardstickAfterMs: 10.1 }
  const { ms, hostMs } = found(runOf(1), b).apart
  assert.equal(ms, 86_400_000)
  assert.equal((hostMs!.b / hostMs!.a).toFixed(2), '2.00')
  for (const trial of b.trials) delete trial.host
  assert.equal(found(runOf(1), b).apart.hostMs, null)
})

test('whether parts competed is a difference, by what they used and not by what they may use', () => {
  const competing = (a: Run, b: Run) =>
    found(a, b).differences.find(({ what }) => what === 'parts that competed for cores')
  const using = (seed: number, cores: number): Run => {
    const run = runOf(seed)
    for (const { stages } of run.trials)
      for (const { cpu } of stages) for (const each of Object.values(cpu)) each.cores = cores
    return run
  }
  const [a, b] = [using(1, 0.1), using(2, 0.1)]
  b.environment = { ...b.environment, oversubscribed: !a.environment.oversubscribed }
  assert.equal(competing(a, b), undefined)
  assert.deepEqual(competing(a, using(3, 0.6)), {
    what: 'parts that competed for cores',
    a: 'no',
    b: 'yes',
  })
})
