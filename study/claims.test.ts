import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SIMULATED_MODELS, simulatedRun } from '../test/fixtures/simulated-run.ts'
import type { Model } from '../test/fixtures/simulated-stage.ts'
import type { Run } from '../runner/measurement/run.ts'
import type { Claim } from '../runner/measurement/verdict.ts'
import { analyse } from '../runner/analysis/analyse.ts'
import { predicateText } from '../runner/analysis/claims/verdict.ts'
import { STUDY } from './study.ts'

const claimsOf = (run: Run): Claim[] => analyse({ ...run, study: STUDY }).claims

type Change = Readonly<Record<string, Partial<Model>>>

function claim(id: string, change: Change, { trials = 3, search = true } = {}): Claim {
  const models = Object.fromEntries(
    Object.entries(SIMULATED_MODELS).map(([arm, model]) => [arm, { ...model, ...change[arm] }]),
  )
  const found = claimsOf(simulatedRun({ models, trials, search })).find((one) => one.id === id)
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
  ['more-users', 'reproduced', /at or over 1\.25/, {}],
  [
    'more-users',
    'not reproduced',
    /ahead by less than a quarter/,
    { pooled: { ceilingPerS: 300 } },
  ],
  ['more-users', 'inconclusive', /wholly/, { pooled: { ceilingPerS: 355 } }],
  ['more-users', 'inconclusive', /is below 100 ms/, {}, { search: false }],
  ['twice-the-work', 'reproduced', /at or over 2\.00/, {}],
  [
    'twice-the-work',
    'not reproduced',
    /^less than twice the work$/,
    { 'per-request': { dbUs: 300 } },
  ],
  ['twice-the-work', 'inconclusive', /wholly/, { 'per-request': { dbUs: 470 } }],
  ['persistent-is-level', 'reproduced', /between 0\.80 and 1\.25/, {}],
  ['persistent-is-level', 'not reproduced', /fewer users/, { persistent: { ceilingPerS: 900 } }],
  [
    'persistent-is-level',
    'inconclusive',
    /^the interval of the ratio of the two crossings lies neither wholly between 0\.80 and 1\.25 nor wholly elsewhere; the interval of the ratio of the two ceilings lies neither wholly/,
    { persistent: { ceilingPerS: 1480 } },
  ],
  ['persistent-is-level', 'inconclusive', /is below 100 ms/, {}, { search: false }],
  ['throughput-stops', 'reproduced', /at or under \+0\.50 % and at or over \+1\.00 %/, {}],
  ['throughput-stops', 'inconclusive', /did not cross/, {}, { search: false }],
]

for (const [id, verdict, reason, change, options] of CASES)
  test(`${id} is ${verdict} with ${JSON.stringify({ ...change, ...options })}`, () => {
    const found = claim(id, change, options)
    assert.equal(found.verdict, verdict, `${found.ours}: ${found.reason}`)
    assert.match(found.reason, reason)
  })

test('the claims are of the mean at 100 ms: a run of another threshold decides none', () => {
  const run = simulatedRun({ trials: 3 })
  const configuration = { ...run.configuration, thresholdMs: 200 }
  for (const { verdict, reason } of claimsOf({ ...run, configuration })) {
    assert.equal(verdict, 'inconclusive')
    assert.match(reason, /the mean at 100 ms/)
  }
})

test('every band is said in its predicate, and nowhere else', () => {
  for (const { bands } of STUDY.claims) {
    const text = predicateText(bands)
    for (const { low, high } of bands)
      for (const end of [low, high])
        if (end !== undefined) assert.ok(/\d/.test(text) && text.includes('3 trials'), text)
  }
  const lead = STUDY.claims.find(({ id }) => id === 'twice-the-users')
  assert.ok(lead && predicateText(lead.bands).includes('between 1.73 and 2.42'))
})

const CONTENDERS = {
  'article-fastapi': { ...SIMULATED_MODELS['pooled']!, ceilingPerS: 240 },
  'article-django-persistent': { ...SIMULATED_MODELS['persistent']!, ceilingPerS: 237 },
  'article-django-per-request': { ...SIMULATED_MODELS['per-request']!, ceilingPerS: 110 },
}
type Contenders = Readonly<Partial<Record<keyof typeof CONTENDERS, Partial<Model>>>>

for (const [id, verdict, change] of [
  ['frameworks-level', 'reproduced', {}],
  ['frameworks-level', 'not reproduced', { 'article-django-persistent': { ceilingPerS: 150 } }],
  ['frameworks-level', 'inconclusive', { 'article-django-persistent': { ceilingPerS: 192.5 } }],
  ['twice-the-users', 'reproduced', {}],
  ['twice-the-users', 'not reproduced', { 'article-django-per-request': { ceilingPerS: 200 } }],
  ['twice-the-users', 'not reproduced', { 'article-django-persistent': { ceilingPerS: 900 } }],
  ['twice-the-users', 'inconclusive', { 'article-django-persistent': { ceilingPerS: 257.5 } }],
  ['connection-over-framework', 'reproduced', {}],
  // Django twice as fast as FastAPI, and kept connections less than that over new ones; then the other way round.
  ['connection-over-framework', 'not reproduced', { 'article-fastapi': { ceilingPerS: 100 } }],
  ['connection-over-framework', 'not reproduced', { 'article-fastapi': { ceilingPerS: 700 } }],
  ['connection-over-framework', 'inconclusive', { 'article-fastapi': { ceilingPerS: 523 } }],
] as const satisfies readonly [string, Claim['verdict'], Contenders][])
  test(`${id} is ${verdict} with ${JSON.stringify(change)}`, () => {
    const given: Contenders = change
    const models = Object.fromEntries(
      Object.entries(CONTENDERS).map(([arm, model]) => [
        arm,
        { ...model, ...given[arm as keyof Contenders] },
      ]),
    )
    const found = claimsOf(simulatedRun({ models, trials: 3 })).find((one) => one.id === id)
    assert.equal(found?.verdict, verdict, `${found?.ours}: ${found?.reason}`)
  })

test('a figure is judged on the arms of the study alone, a conclusion on any that differ in the connection', () => {
  const kindsOf = (run: Run) => new Set(claimsOf(run).map(({ kind }) => kind))
  const ids = (run: Run) => claimsOf(run).map(({ id }) => id)
  assert.deepEqual(kindsOf(simulatedRun()), new Set(['conclusion']))
  assert.deepEqual(kindsOf(simulatedRun({ models: CONTENDERS })), new Set(['conclusion', 'figure']))
  assert.ok(!ids(simulatedRun()).includes('connection-over-framework'), 'it needs two frameworks')
  for (const { kind, arms } of STUDY.claims) assert.ok(kind === 'conclusion' || arms === 'own')
})

test('what was replaced says by which claims, and what has no evidence why; neither is judged', () => {
  const { replaced, noEvidence, registeredOn } = STUDY.registration
  const judged = new Set(STUDY.claims.map(({ id }) => id))
  assert.deepEqual(
    replaced.map(({ id }) => id),
    ['three-times-the-users', 'default-at-a-third', 'stops-answering'],
  )
  for (const { id, by, reason, registeredOn: before } of replaced) {
    assert.ok(!judged.has(id) && before < registeredOn && reason.length > 0, id)
    for (const other of by) assert.ok(judged.has(other), other)
  }
  for (const { id, reason } of noEvidence) assert.ok(!judged.has(id) && reason.length > 0)
})

test('that half of the CPU is no evidence: what the chart of kept connections says a request costs is more', () => {
  const keptShare = 0.962
  const keptPerS = 107.5
  const perRequestPerS = 59.5
  const ms = (1000 * keptShare) / keptPerS
  assert.ok(Math.abs(ms - 8.95) < 0.005)
  assert.ok(Math.abs((perRequestPerS * ms) / 1000 - 0.53) < 0.005)
})
