import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  SIMULATED_ENVIRONMENT,
  SIMULATED_MODELS,
  simulatedRun,
} from '../test/fixtures/simulated-run.ts'
import type { Model } from '../test/fixtures/simulated-stage.ts'
import type { Run } from '../runner/measurement/run.ts'
import type { Stage } from '../runner/measurement/stage.ts'
import type { Claim } from '../runner/measurement/verdict.ts'
import { analyse } from '../runner/analysis/analyse.ts'
import { judge } from '../runner/analysis/validity.ts'
import { appLimitCores } from '../runner/analysis/claims/arms.ts'
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
  [
    'three-times-the-users',
    'reproduced',
    /between 1\.67 and 3\.00/,
    { pooled: { ceilingPerS: 700 } },
  ],
  ['three-times-the-users', 'not reproduced', /ahead by more/, {}],
  ['three-times-the-users', 'not reproduced', /ahead by less/, { pooled: { ceilingPerS: 400 } }],
  ['three-times-the-users', 'not reproduced', /not at all/, { pooled: { ceilingPerS: 150 } }],
  ['three-times-the-users', 'inconclusive', /wholly/, { pooled: { ceilingPerS: 849 } }],
  ['three-times-the-users', 'inconclusive', /is below 100 ms/, {}, { search: false }],
  ['twice-the-work', 'reproduced', /at or over 2\.00 and at or under 80 %/, {}],
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
  ['twice-the-work', 'inconclusive', /wholly/, { 'per-request': { dbUs: 470 } }],
  ['twice-the-work', 'inconclusive', /not seen at its crossing/, {}, { search: false }],
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
  ['stops-answering', 'reproduced', /at or over 50 %/, { pooled: { diesAt: 1300 } }],
  ['stops-answering', 'not reproduced', /goes on answering/, {}],
  ['stops-answering', 'inconclusive', /did not cross/, {}, { search: false }],
]

for (const [id, verdict, reason, change, options] of CASES)
  test(`${id} is ${verdict} with ${JSON.stringify({ ...change, ...options })}`, () => {
    const found = claim(id, change, options)
    assert.equal(found.verdict, verdict, `${found.ours}: ${found.reason}`)
    assert.match(found.reason, reason)
  })

/** The stages of the pool from 1,300 users on, a third past its crossing, changed and judged again. */
function pastTheEnd(change: (stage: Stage) => Partial<Stage>): Claim | undefined {
  const run = simulatedRun({ trials: 3 })
  const changed = (stage: Stage): Stage => {
    const dying = { ...stage, ...change(stage) }
    return { ...dying, validity: judge(dying, { mode: 'pooled' }) }
  }
  const trials = run.trials.map((trial) => ({
    ...trial,
    stages: trial.stages.map((stage) => (stage.users >= 1300 ? changed(stage) : stage)),
  }))
  return claimsOf({ ...run, trials }).find(({ id }) => id === 'stops-answering')
}

test('a service that hangs altogether has stopped answering: nothing is sent, and every user waits', () => {
  const found = pastTheEnd(({ all, outcomes, seconds, littlesLaw, users }) => ({
    all: { ...all, requests: 0 },
    outcomes: { ...outcomes, sent: 0, succeeded: 0 },
    ended: 0,
    seconds: seconds.map(({ atS }) => ({ atS, requests: 0, failed: 0, meanMs: null })),
    littlesLaw: { ...littlesLaw, stuckUsers: users },
  }))
  assert.equal(found?.verdict, 'reproduced', found?.ours)
})

test('so has one that stops within the window, though its state is not steady', () => {
  const found = pastTheEnd(({ outcomes, seconds }) => ({
    outcomes: { ...outcomes, sent: 2_000, succeeded: 500 },
    ended: 600,
    drift: 4,
    seconds: seconds.map((second, at) =>
      at < seconds.length / 4 ? second : { atS: second.atS, requests: 0, failed: 0, meanMs: null },
    ),
  }))
  assert.equal(found?.verdict, 'reproduced', found?.ours)
})

test('so has one that leaves half of its users waiting all through the window', () => {
  const found = pastTheEnd(({ outcomes, littlesLaw, users }) => ({
    outcomes: { ...outcomes, sent: users / 4, succeeded: users / 4 },
    ended: users / 4,
    littlesLaw: { ...littlesLaw, stuckUsers: users * 0.75 },
  }))
  assert.equal(found?.verdict, 'reproduced', found?.ours)
  assert.match(found.ours, /7[45]/)
})

test('a service that fails by itself has, though the runner lacked a socket once', () => {
  const found = pastTheEnd(({ all, outcomes }) => ({
    all: { ...all, errors: { 'status-503': 1_499, 'client-exhausted': 1 } },
    outcomes: { ...outcomes, sent: 2_000, succeeded: 500, failed: 1_500 },
  }))
  assert.equal(found?.verdict, 'reproduced', found?.ours)
})

test('one that a runner without sockets could not ask has not', () => {
  const found = pastTheEnd(({ all, outcomes }) => ({
    all: { ...all, errors: { 'client-exhausted': 1_500 } },
    outcomes: { ...outcomes, sent: 2_000, succeeded: 500, failed: 1_500 },
  }))
  assert.notEqual(found?.verdict, 'reproduced', found?.ours)
})

for (const trials of [1, 2])
  test(`${trials} trials decide nothing, however clear their figures`, () => {
    const { verdict, provisional, reason, ours } = claim('three-times-the-users', {}, { trials })
    assert.deepEqual([verdict, provisional], ['inconclusive', true])
    assert.match(reason, /a verdict needs 3/)
    assert.match(ours, /6\.\d+ times \(provisional/)
  })

test('a pool that is never pushed to its crossing is in no ratio', () => {
  const { verdict, ours, reason } = claim('three-times-the-users', {
    pooled: { ceilingPerS: 1e6 },
  })
  assert.deepEqual([verdict, ours], ['inconclusive', 'no figure'])
  assert.match(reason, /the runner could not keep up|the most that were measured/)
})

test('the article’s own contenders are judged where they ran, not the reference service', () => {
  const models = {
    ...SIMULATED_MODELS,
    'fastapi-pooled': { ...SIMULATED_MODELS['pooled']!, ceilingPerS: 240 },
    'django-per-request': { ...SIMULATED_MODELS['per-request']!, ceilingPerS: 100 },
  }
  const [first] = claimsOf(simulatedRun({ models, trials: 3 }))
  assert.equal(first?.verdict, 'reproduced', first?.ours)
})

test('without a CPU limit the app is measured against one core', () => {
  const parts = SIMULATED_ENVIRONMENT.parts.map((part) => ({ ...part, cpuLimitCores: null }))
  const run = { ...simulatedRun(), environment: { ...SIMULATED_ENVIRONMENT, parts } }
  assert.match(claimsOf(run)[1]?.ours ?? '', /app CPU at the crossing 5\d %/)
})

test('the app is measured against the limit of its own trial, where the hosts were fitted again', () => {
  const run = simulatedRun({ trials: 3 })
  const share = (of: typeof run) =>
    Number(/app CPU at the crossing ([\d.]+) %/.exec(claimsOf(of)[1]?.ours ?? '')?.[1])
  const pilot = { speed: 2, ceilingPerS: 100 }
  const hosts = { speed: 2, appCores: 2, dbCores: 4, pilot }
  const fitted = { ...run, trials: run.trials.map((trial) => ({ ...trial, hosts })) }
  assert.ok(Math.abs(share(fitted) / share(run) - 0.5) < 0.02, `${share(fitted)} of ${share(run)}`)
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
  const [three] = STUDY.claims
  assert.ok(three && predicateText(three.bands).includes('between 1.67 and 3.00'))
})

const CONTENDERS = {
  'fastapi-pooled': { ...SIMULATED_MODELS['pooled']!, ceilingPerS: 240 },
  'django-persistent': { ...SIMULATED_MODELS['persistent']!, ceilingPerS: 237 },
  'django-per-request': { ...SIMULATED_MODELS['per-request']!, ceilingPerS: 100 },
}
type Contenders = Readonly<Partial<Record<keyof typeof CONTENDERS, Partial<Model>>>>

for (const [id, verdict, change] of [
  ['frameworks-level', 'reproduced', {}],
  ['frameworks-level', 'not reproduced', { 'django-persistent': { ceilingPerS: 150 } }],
  ['frameworks-level', 'inconclusive', { 'django-persistent': { ceilingPerS: 192.5 } }],
  ['default-at-a-third', 'reproduced', {}],
  ['default-at-a-third', 'not reproduced', { 'django-per-request': { ceilingPerS: 200 } }],
  ['default-at-a-third', 'not reproduced', { 'fastapi-pooled': { ceilingPerS: 1850 } }],
  ['default-at-a-third', 'inconclusive', { 'fastapi-pooled': { ceilingPerS: 161.5 } }],
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

test('where the contenders did not run nothing is claimed of them', () => {
  assert.equal(claimsOf(simulatedRun()).length, 5)
})

test('the share of its CPU is of what an arm had: by its own limit, by its trial, or by the run', () => {
  const part = { version: null, image: null, imageId: null, digest: null, standIn: false }
  const app = { ...part, part: 'app', name: 'pooled', cpuLimitCores: 0.3, memoryLimitMb: null }
  const run = { environment: { ...SIMULATED_ENVIRONMENT, parts: [app] } }
  const hosts = { speed: 0.26, appCores: 0.26, dbCores: 0.52 }
  const trial = { arm: 'pooled', hosts, armLimits: { cores: 0.1 } }
  assert.equal(appLimitCores(run, trial), 0.1)
  assert.equal(appLimitCores(run, { ...trial, armLimits: { cores: null } }), 0.26)
  assert.equal(appLimitCores(run, { arm: 'pooled' }), 0.3)
})
