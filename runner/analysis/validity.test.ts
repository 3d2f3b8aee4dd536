import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closedLoopStage } from '../../test/fixtures/closed-loop-stage.ts'
import { seeded } from '../../test/fixtures/random.ts'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import type { Mode } from '../measurement/trial.ts'
import type { Unjudged } from './checks/check.ts'
import { type CheckId, CHECKS } from './checks/checks.ts'
import { judge, unchecked } from './validity.ts'

const sound = simulatedRun().trials[0]?.stages[0]
assert.ok(sound)

const rising = Array.from({ length: 20 }, (_, atS) => ({
  atS,
  requests: 80,
  failed: 0,
  meanMs: 4 + atS / 4 + (atS % 2) / 10,
}))

/** A window of eight seconds with a success in those before `atS` alone. */
function silentFrom(atS: number): Unjudged['seconds'] {
  return rising.slice(0, 8).map((second) => {
    return second.atS < atS ? second : { ...second, requests: 0, meanMs: null }
  })
}

const stoodStill = rising
  .slice(0, 8)
  .map((second) => (second.atS === 3 || second.atS === 4 ? { ...second, requests: 1 } : second))

const loader = {
  users: 20,
  requests: 500,
  cpuCores: 0.3,
  eventLoopDelayP99Ms: 1,
  eventLoopDelayIdleP99Ms: 0.5,
  openedAfterMs: 0,
  windowS: sound.holdS,
}
/** Three loaders, the last of which is as `change` says: 0.9 to 1.4 cores in all. */
const clientOf = (change: Partial<typeof loader>) => {
  const loaders = [loader, loader, { ...loader, ...change }]
  return { ...sound.client, cpuCores: 0.6 + (change.cpuCores ?? 0.3), loaders }
}
const late = 0.011 * sound.holdS

const failures: readonly [check: CheckId, says: RegExp, Partial<Unjudged>, Mode?, CheckId?][] = [
  ['requests', /^99 requests succeeded, fewer than 100$/, { all: { ...sound.all, requests: 99 } }],
  [
    'littles-law',
    /account for 39\.5 of 40 users/,
    { littlesLaw: { expectedUsers: 39.5, residual: -0.012 } },
  ],
  [
    'littles-law',
    /account for 40\.5 of 40 users/,
    { littlesLaw: { expectedUsers: 40.5, residual: 0.012 } },
  ],
  // Two seconds of eight stood still: uneven seconds are no excuse for users who are not accounted for.
  [
    'littles-law',
    /account for 26\.0 of 40 users/,
    { seconds: stoodStill, littlesLaw: { expectedUsers: 26, residual: 0.35 } },
    'pooled',
    'stall',
  ],
  ['flow-balance', /^the queue drained: /, { ended: Math.round(1.06 * sound.outcomes.sent) }],
  [
    'stuck-users',
    /^1 of 40 users waited for one answer/,
    { littlesLaw: { expectedUsers: 40, residual: 0, edgeUsers: 0, stuckUsers: 1 } },
  ],
  [
    'think-time',
    /thought 4\.70 ms longer/,
    {
      client: { ...sound.client, thinkMeanMs: 505, thinkNominalMs: 500.3 },
      outcomes: { ...sound.outcomes, sent: 2000, succeeded: 1999, failed: 1 },
    },
  ],
  ['think-time', /thought 2\.60 ms longer/, { client: { ...sound.client, thinkOverdueMs: 2.6 } }],
  [
    'think-time',
    /thought 2\.60 ms longer/,
    { client: { ...sound.client, thinkMeanMs: 502.9, thinkNominalMs: 500.3 } },
  ],
  [
    'errors',
    /^1\.1 % of the requests failed \(21 of 2000\)$/,
    { outcomes: { ...sound.outcomes, sent: 2000, succeeded: 1979, failed: 21 } },
  ],
  ['in-flight', /^1 request never/, { outcomes: { ...sound.outcomes, inFlight: 1 } }],
  [
    'client-cpu',
    /^the runner used 81\.0 % of a core/,
    { client: { ...sound.client, cpuCores: 0.81 } },
  ],
  [
    'client-event-loop',
    /ran 5\.1 ms late/,
    { client: { ...sound.client, eventLoopDelayP99Ms: 6.2 } },
  ],
  [
    'client-event-loop',
    /stood still for 0\.8 s/,
    { client: { ...sound.client, eventLoopDelayMaxMs: 800 } },
  ],
  ['client-cpu', /^one of 3 loaders used 81\.0 %/, { client: clientOf({ cpuCores: 0.81 }) }],
  [
    'loader-edges',
    /apart by 1\.1 % of their length/,
    { client: clientOf({ openedAfterMs: 1000 * late, windowS: sound.holdS - late }) },
  ],
  ['loader-edges', /apart by 1\.1 %/, { client: clientOf({ windowS: sound.holdS + late }) }],
  ['stolen', /gave 6\.0 % of its CPU time to others/, { stolenRatio: 0.06 }],
  ['restarts', /^1 restart of a part$/, { restarts: 1 }],
  ['oom-kills', /^1 out-of-memory kill$/, { oomKills: 1 }],
  ['drift', /drifted by 60\.0 %/, { seconds: rising, drift: 0.6 }],
  [
    'silence',
    /has 1 second with a success, fewer than 3/,
    { seconds: silentFrom(5), drift: 0.5 },
    'pooled',
    'stall',
  ],
  [
    'silence',
    /has 0 seconds with a success/,
    { seconds: silentFrom(4), drift: null },
    'pooled',
    'stall',
  ],
  ['stall', /^a part stood still: within two seconds/, { seconds: stoodStill }],
  [
    'app-idle',
    /used 0\.0 us of CPU a request/,
    { cpu: { ...sound.cpu, app: { cores: 0, usPerRequest: 0, throttledRatio: 0 } } },
  ],
  ['connections', /^0\.060 new .* contradict pooled$/, { connectionsPerRequest: 0.06 }, 'pooled'],
  ['connections', /contradict persistent$/, { connectionsPerRequest: 1 }, 'persistent'],
  ['connections', /^0\.500 .* per-request$/, { connectionsPerRequest: 0.5 }, 'per-request'],
  ['connections', /^4\.000 .* per-request$/, { connectionsPerRequest: 4 }, 'per-request'],
]

test('each check that a stage is judged by has a stage here that fails it', () => {
  const failed = new Set(failures.map(([check]) => check))
  const judged = CHECKS.filter((check) => typeof check.judge !== 'string').map(({ id }) => id)
  assert.deepEqual(
    judged.filter((id) => !failed.has(id)),
    [],
  )
})

for (const [check, says, change, mode = 'pooled', also] of failures)
  test(`a stage that fails ${check} says so: ${JSON.stringify(change).slice(0, 60)}`, () => {
    const { valid, reasons } = judge({ ...sound, ...change }, { mode })
    assert.equal(valid, false)
    assert.deepEqual(
      reasons.map((reason) => reason.check),
      also ? [check, also] : [check],
    )
    assert.match(reasons[0]?.text ?? '', says)
  })

test('a short uneven window excuses no users that are not accounted for', () => {
  const littlesLaw = { expectedUsers: 39, residual: -0.025 }
  const short = { ...sound, holdS: 4, seconds: stoodStill.slice(0, 5), littlesLaw }
  const { reasons } = judge(short, { mode: 'pooled' })
  assert.deepEqual(
    reasons.map(({ check, bound }) => [check, bound]),
    [
      ['littles-law', 0.01],
      ['stall', reasons[1]?.bound],
    ],
  )
})

test('a queue that drains or grows is no steady state, but for what chance does at the edges', () => {
  const checks = (ended: number, change: Partial<Unjudged> = {}) =>
    judge({ ...sound, ...change, ended }, { mode: 'pooled' }).reasons.map(({ check }) => check)
  const { sent } = sound.outcomes
  assert.deepEqual(checks(sent), [])
  assert.deepEqual(checks(Math.round(1.04 * sent)), [])
  assert.deepEqual(checks(Math.round(1.06 * sent)), ['flow-balance'])
  assert.deepEqual(checks(Math.round(0.94 * sent)), ['flow-balance'])
  // 60 users who wait two thirds of the time: 11 in flight more or less are chance.
  const few = {
    users: 60,
    outcomes: { ...sound.outcomes, sent: 160, succeeded: 160 },
    all: { ...sound.all, requests: 160, meanMs: 1000 },
    meanWithTimeoutsMs: 1000,
  }
  assert.deepEqual(checks(171, few), [])
  assert.deepEqual(checks(185, few), ['flow-balance'])
})

test('the queue of a service that is even is chance, in a window of 3.5 s too, wherever it is held', () => {
  const random = seeded(5)
  for (const [users, serviceMs] of [
    [60, 3],
    [150, 3],
    [30, 15],
    [36, 15],
    [160, 15],
  ] as const) {
    const loop = { users, serviceMs, thinkMs: 375, thinkSpread: 1 / 3, warmUpS: 2, holdS: 3.5 }
    const refused = Array.from({ length: 300 }).filter(
      () => !judge(closedLoopStage(loop, random, 'probe'), { mode: 'pooled' }).valid,
    )
    assert.ok(refused.length <= 3, `${users} users, ${serviceMs} ms: ${refused.length} of 300`)
  }
})

test('a sound stage has no reason against it', () => {
  assert.deepEqual(judge(sound, { mode: 'pooled' }), { valid: true, reasons: [] })
})

test('loaders may use more than a core together: each has its own', () => {
  assert.deepEqual(judge({ ...sound, client: clientOf({}) }, { mode: 'pooled' }).reasons, [])
})

test('every failed check is reported, not only the first', () => {
  assert.equal(judge({ ...sound, restarts: 1, oomKills: 2 }, { mode: null }).reasons.length, 2)
})

test('a slow service may have a later client than a fast one', () => {
  const client = { ...sound.client, eventLoopDelayP99Ms: 9 }
  const slow = { ...sound, client, all: { ...sound.all, meanMs: 120 } }
  assert.equal(judge(slow, { mode: 'pooled' }).valid, true)
})

test('a drift of over half that noise explains fails a window that can tell it, and no short one', () => {
  const uneven = [20, 210, 90, 260, 30, 140, 60, 40, 25, 70, 15, 30].map((meanMs, atS) => {
    return { atS, requests: 80, failed: 0, meanMs }
  })
  const withWindow = (holdS: number): readonly string[] => {
    const seconds = uneven.slice(0, holdS)
    const stage = {
      ...sound,
      users: 48,
      holdS,
      seconds,
      drift: -0.6,
      all: { ...sound.all, meanMs: 100 },
    }
    return judge(stage, { mode: 'pooled' }).reasons.map(({ check }) => check)
  }
  assert.deepEqual([withWindow(8), withWindow(12)], [[], ['drift']])
})

test('a queue that drains or grows moves what a connection per request looks like, and the promise is kept', () => {
  const checks = (ended: number, connectionsPerRequest: number, change: Partial<Unjudged> = {}) =>
    judge(
      { ...sound, ...change, ended, connectionsPerRequest },
      { mode: 'per-request' },
    ).reasons.map(({ check }) => check)
  const { sent } = sound.outcomes
  // As it was seen: the queue is at fault, and may be gone the next time.
  assert.deepEqual(checks(Math.round(1.141 * sent), 1.141), ['flow-balance'])
  assert.deepEqual(checks(Math.round(0.86 * sent), 0.86), ['flow-balance'])
  // A window so short that chance at its edges explains both.
  const few = {
    users: 60,
    outcomes: { ...sound.outcomes, sent: 160, succeeded: 160 },
    all: { ...sound.all, requests: 160, meanMs: 1000 },
    meanWithTimeoutsMs: 1000,
  }
  assert.deepEqual(checks(175, 1.141, few), [])
  // No queue hides another mode.
  assert.deepEqual(checks(sent, 1.141), ['connections'])
  assert.deepEqual(checks(Math.round(1.141 * sent), 2), ['flow-balance', 'connections'])
  assert.deepEqual(checks(175, 0.4, few), ['connections'])
})

test('a pool that fills in a short window keeps its promise', () => {
  const short = {
    ...sound,
    connectionsPerRequest: 10 / 160,
    outcomes: { ...sound.outcomes, sent: 160 },
  }
  assert.equal(judge(short, { mode: 'pooled' }).valid, true)
})

test('an app that used next to no CPU is found out at any number of requests, where its clock is exact', () => {
  const checks = (sent: number, usPerRequest: number, usMayMiss?: number): readonly string[] => {
    const may = usMayMiss === undefined ? {} : { usMayMiss }
    const app = { cores: 0, usPerRequest, throttledRatio: 0, ...may }
    const outcomes = { ...sound.outcomes, sent, succeeded: sent, failed: 0 }
    const stage = { ...sound, cpu: { ...sound.cpu, app }, outcomes }
    return judge(stage, { mode: 'pooled' }).reasons.map(({ check }) => check)
  }
  // A container's clock: 2.3 us a request are of another service, whether 100 were sent or 10,000.
  for (const sent of [1, 100, 499, 10_000]) assert.deepEqual(checks(sent, 2.3, 0), ['app-idle'])
  assert.deepEqual(checks(100, 20, 0), [])
  // A process's clock hides two ticks: certain only where those are less than the bound allows.
  assert.deepEqual(checks(400, 0, 20_000 / 400), [])
  assert.deepEqual(checks(1001, 0, 20_000 / 1001), ['app-idle'])
  assert.deepEqual(checks(1001, 0.1, 20_000 / 1001), [])
  assert.deepEqual(checks(10_000, 17.9, 2), ['app-idle'])
  // Not said by how much: it may be of a process.
  assert.deepEqual(checks(1000, 0), [])
  assert.deepEqual(checks(1001, 0), ['app-idle'])
})

test('what could not be read fails nothing and is named', () => {
  const blind = {
    ...sound,
    connectionsPerRequest: null,
    cpu: {},
    seconds: sound.seconds.slice(0, 2),
  }
  assert.equal(judge(blind, { mode: 'per-request' }).valid, true)
  assert.deepEqual(unchecked(blind, { mode: 'per-request' }), [
    'drift and silence: a window of under 6 s is too short to tell',
    'stall: a window of under 3 s is too short to tell',
    "app-idle: the app's CPU is unknown",
    'connections: the database could not count them',
  ])
  assert.deepEqual(unchecked(sound, { mode: null }), ['connections: the arm promises no mode'])
  assert.deepEqual(unchecked(sound, { mode: 'pooled' }), [])
  const part = { cores: 1, periodUs: 100_000, memoryMb: null }
  assert.deepEqual(unchecked(sound, { mode: 'pooled', limits: { app: part, db: part } }), [])
  for (const limits of [{}, { app: part }, { db: part }])
    assert.deepEqual(unchecked(sound, { mode: 'pooled', limits }), ['limits: not read'])
})
