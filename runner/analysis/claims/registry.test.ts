import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  SIMULATED_ENVIRONMENT,
  SIMULATED_MODELS,
  simulatedRun,
} from '../../../test/fixtures/simulated-run.ts'
import type { Model } from '../../../test/fixtures/simulated-stage.ts'
import type { Claim } from '../../measurement/verdict.ts'
import { analyse } from '../analyse.ts'

type Change = Readonly<Record<string, Partial<Model>>>

function claim(id: string, change: Change, { trials = 1, leave = '', search = true } = {}): Claim {
  const models = Object.fromEntries(
    Object.entries(SIMULATED_MODELS)
      .filter(([arm]) => arm !== leave)
      .map(([arm, model]) => [arm, { ...model, ...change[arm] }]),
  )
  const found = analyse(simulatedRun({ models, trials, search })).claims.find(
    (one) => one.id === id,
  )
  assert.ok(found)
  return found
}

type Case = [
  id: string,
  verdict: Claim['verdict'],
  reason: RegExp,
  Change,
  Parameters<typeof claim>[2]?,
]

const CASES: readonly Case[] = [
  ['three-times-the-users', 'reproduced', /between 2 and 4\.5/, { pooled: { ceilingPerS: 850 } }],
  [
    'three-times-the-users',
    'reproduced',
    /between 2/,
    { pooled: { ceilingPerS: 850 } },
    { trials: 3 },
  ],
  ['three-times-the-users', 'not reproduced', /ahead by more/, {}],
  ['three-times-the-users', 'not reproduced', /less than twice/, { pooled: { ceilingPerS: 400 } }],
  ['three-times-the-users', 'not reproduced', /other direction/, { pooled: { ceilingPerS: 150 } }],
  [
    'three-times-the-users',
    'inconclusive',
    /beyond/,
    { pooled: { ceilingPerS: 1275 } },
    { trials: 2 },
  ],
  ['three-times-the-users', 'inconclusive', /did not cross/, {}, { search: false }],
  [
    'three-times-the-users',
    'inconclusive',
    /no arm of this run is per-request/,
    {},
    { leave: 'per-request' },
  ],
  ['twice-the-work', 'reproduced', /not what saturates/, {}],
  ['twice-the-work', 'reproduced', /not what saturates/, {}, { trials: 3 }],
  [
    'twice-the-work',
    'not reproduced',
    /^less than twice the work$/,
    { 'per-request': { dbUs: 300 } },
  ],
  [
    'twice-the-work',
    'not reproduced',
    /the app itself is saturated/,
    { 'per-request': { appUs: 3300 } },
  ],
  ['twice-the-work', 'inconclusive', /holds 2/, { 'per-request': { dbUs: 470 } }],
  ['twice-the-work', 'inconclusive', /did not cross/, {}, { search: false }],
  ['persistent-is-level', 'reproduced', /level/, {}],
  ['persistent-is-level', 'not reproduced', /outside/, { persistent: { ceilingPerS: 900 } }],
  ['persistent-is-level', 'inconclusive', /did not cross/, {}, { search: false }],
  [
    'persistent-is-level',
    'inconclusive',
    /no arm of this run is persistent/,
    {},
    { leave: 'persistent' },
  ],
  ['throughput-stops', 'reproduced', /throughput stands/, {}],
  [
    'throughput-stops',
    'not reproduced',
    /still grows/,
    { pooled: { ceilingPerS: 1e6, baseMs: 101 } },
  ],
  ['throughput-stops', 'inconclusive', /did not cross/, {}, { search: false }],
  ['stops-answering', 'reproduced', /half or more/, { pooled: { diesAt: 1300 } }],
  ['stops-answering', 'not reproduced', /goes on answering/, {}],
  ['stops-answering', 'inconclusive', /did not cross/, {}, { search: false }],
]

for (const [id, verdict, reason, change, options] of CASES)
  test(`${id} is ${verdict} with ${JSON.stringify({ ...change, ...options })}`, () => {
    const found = claim(id, change, options)
    assert.equal(found.verdict, verdict, `${found.ours}: ${found.reason}`)
    assert.match(found.reason, reason)
  })

test('a pool that is never pushed to its crossing is at least so many times ahead', () => {
  const { verdict, ours } = claim('three-times-the-users', { pooled: { ceilingPerS: 1e6 } })
  assert.equal(verdict, 'not reproduced')
  assert.match(ours, /limited by runner against 170: at least 19\.\d times/)
})

test('the article’s own contenders are judged where they ran, not the reference service', () => {
  const models = {
    ...SIMULATED_MODELS,
    'fastapi-pooled': { ...SIMULATED_MODELS['pooled']!, ceilingPerS: 300 },
    'django-per-request': { ...SIMULATED_MODELS['per-request']!, ceilingPerS: 100 },
  }
  const [first] = analyse(simulatedRun({ models })).claims
  assert.equal(first?.verdict, 'reproduced', first?.ours)
})

test('without a CPU limit the app is measured against one core', () => {
  const parts = SIMULATED_ENVIRONMENT.parts.map((part) => ({ ...part, cpuLimitCores: null }))
  const run = { ...simulatedRun(), environment: { ...SIMULATED_ENVIRONMENT, parts } }
  assert.match(analyse(run).claims[1]?.ours ?? '', /app at 5\d % of its 1 core/)
})

test('arms that did not cross are not told apart by the most requests they happened to get', () => {
  const run = simulatedRun({ search: false })
  for (const trial of run.trials.filter(({ arm }) => arm === 'persistent')) {
    for (const stage of trial.stages.slice(1)) stage.validity.valid = false
  }
  const found = analyse(run).claims.find(({ id }) => id === 'persistent-is-level')
  assert.equal(found?.verdict, 'inconclusive', `${found?.ours}: ${found?.reason}`)
  assert.match(found?.reason ?? '', /persistent did not cross/)
})

const CONTENDERS = {
  'fastapi-pooled': { ...SIMULATED_MODELS['pooled']!, ceilingPerS: 300 },
  'django-persistent': { ...SIMULATED_MODELS['persistent']!, ceilingPerS: 295 },
  'django-per-request': { ...SIMULATED_MODELS['per-request']!, ceilingPerS: 100 },
}
type Contenders = Readonly<Partial<Record<keyof typeof CONTENDERS, Partial<Model>>>>

for (const [id, verdict, change] of [
  ['frameworks-level', 'reproduced', {}],
  ['frameworks-level', 'not reproduced', { 'django-persistent': { ceilingPerS: 150 } }],
  ['frameworks-level', 'inconclusive', { 'django-persistent': { ceilingPerS: 240 } }],
  ['default-at-a-third', 'reproduced', {}],
  ['default-at-a-third', 'not reproduced', { 'django-per-request': { ceilingPerS: 250 } }],
  ['default-at-a-third', 'not reproduced', { 'fastapi-pooled': { ceilingPerS: 1850 } }],
  ['default-at-a-third', 'inconclusive', { 'fastapi-pooled': { ceilingPerS: 192 } }],
] as const satisfies readonly [string, Claim['verdict'], Contenders][])
  test(`${id} is ${verdict} with ${JSON.stringify(change)}`, () => {
    const given: Contenders = change
    const models = Object.fromEntries(
      Object.entries(CONTENDERS).map(([arm, model]) => [
        arm,
        { ...model, ...given[arm as keyof Contenders] },
      ]),
    )
    const found = analyse(simulatedRun({ models, trials: 2 })).claims.find((one) => one.id === id)
    assert.equal(found?.verdict, verdict, `${found?.ours}: ${found?.reason}`)
  })

test('where the contenders did not run nothing is claimed of them', () => {
  assert.equal(analyse(simulatedRun()).claims.length, 5)
})
