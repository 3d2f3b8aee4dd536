import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostState } from '../measurement/trial.ts'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import type { Stage } from '../measurement/stage.ts'
import {
  evennessUnderLoad,
  hostRemarks,
  mayCompete,
  mostInUse,
  yardstickOf,
  yardstickRange,
} from './host-state.ts'

const trial = (index: number, host?: Partial<HostState>) => ({
  arm: 'pooled',
  index,
  stages: [] as Stage[],
  ...(host && {
    host: { busyRatio: 0.01, yardstickBeforeMs: 5, yardstickAfterMs: 5, ...host },
  }),
})

test('a trial whose pilot failed says by which hosts it was measured', () => {
  const hosts = { speed: 0.1, appCores: 0.1, dbCores: 0.2, pilotProblem: 'pooled does not run' }
  const [remark, ...more] = hostRemarks([trial(0, {}), { ...trial(1, {}), hosts }])
  assert.match(
    remark ?? '',
    /^pooled, trial 2: the pilot before it failed \(pooled does not run\), so its hosts are /,
  )
  assert.deepEqual(more, [])
})

test('a quiet, even machine is not worth a word, nor is a run from before the yardstick', () => {
  assert.deepEqual(hostRemarks([trial(0, {}), trial(1, { yardstickAfterMs: 5.2 })]), [])
  assert.deepEqual(hostRemarks([trial(0), trial(1)]), [])
  assert.equal(yardstickRange([trial(0)]), null)
})

test('a machine that slows down is named, with what that means for the run', () => {
  const slower = { yardstickAfterMs: 5.5 }
  const [once, ...none] = hostRemarks([trial(0, slower)])
  assert.match(once ?? '', /changed by 10 % .* 5\.00 to 5\.50 ms .* --trials 3/)
  assert.deepEqual(none, [])
  assert.match(hostRemarks([trial(0, {}), trial(1, slower)])[0] ?? '', /intervals over trials/)
})

test('a change between trials counts as one within a trial does', () => {
  const slow = { yardstickBeforeMs: 6, yardstickAfterMs: 6 }
  assert.match(hostRemarks([trial(0, {}), trial(1, slow)])[0] ?? '', /changed by 20 %/)
})

test('a machine at work before a trial is named with the trial; one that cannot tell is not', () => {
  assert.match(
    hostRemarks([trial(0, {}), trial(1, { busyRatio: 0.43 })]).join('\n'),
    /^pooled, trial 2: the machine was 43 % busy/,
  )
  assert.deepEqual(hostRemarks([trial(0, { busyRatio: null })]), [])
})

test('a trial that broke off has its first reading alone', () => {
  assert.equal(yardstickOf(trial(0, { yardstickAfterMs: null })), 5)
  assert.equal(yardstickOf(trial(0, { yardstickAfterMs: 7 })), 6)
  assert.equal(yardstickOf(trial(0)), null)
  assert.equal(yardstickRange([trial(0, { yardstickAfterMs: null })]), null)
})

const stage = simulatedRun().trials[0]?.stages[0]
assert.ok(stage)

/** A trial that held two steps: each a number of users, and what Nginx took for a request. */
const loaded = (...steps: readonly (readonly [users: number, us: number | null])[]) => ({
  ...trial(0),
  stages: steps.map(([users, usPerRequest]) => {
    const nginx = { cores: 0.1, usPerRequest, throttledRatio: 0 }
    return { ...stage, kind: 'ramp' as const, users, cpu: { ...stage.cpu, nginx } }
  }),
})

test('the front door shows what is not even under load', () => {
  const even = [
    loaded([20, 100], [40, 80]),
    loaded([20, 104], [40, 82]),
    loaded([20, 98], [40, 81]),
  ]
  const { low = 0, high = 0 } = evennessUnderLoad(even) ?? {}
  assert.ok(low > 0.96 && low < 1 && high > 1 && high < 1.04, `${low} to ${high}`)
  assert.deepEqual(hostRemarks(even), [])

  const slower = [...even.slice(0, 2), loaded([20, 100], [40, 120])]
  assert.match(hostRemarks(slower).join(), /Nginx, .* took 13 % less to 30 % more CPU/)
})

test('steps that were held once or twice, at other users or without a front door show no speed', () => {
  assert.equal(evennessUnderLoad([loaded([20, 100]), loaded([20, 150])]), null)
  assert.equal(evennessUnderLoad([loaded([20, 100], [30, 150], [40, 200])]), null)
  assert.equal(
    evennessUnderLoad([loaded([20, null]), loaded([20, null]), loaded([20, null])]),
    null,
  )
})

test('of a container with a quota of its own, the parts compete for that and not for the machine', () => {
  const run = simulatedRun()
  const [held] = run.trials[0]?.stages ?? []
  assert.ok(held)
  const usage = { cores: 0.9, usPerRequest: 100, throttledRatio: null }
  const trials = [{ stages: [{ ...held, cpu: { app: usage, db: usage } }] }]
  const machine = { host: { ...run.environment.host, cores: 8 }, partCores: 7 }
  const quota = { ...machine, quotaCores: 2 }
  assert.equal(mostInUse(trials, machine)?.competing, false)
  assert.equal(mostInUse(trials, quota)?.competing, true)
  const hosts = { kind: 'speed', speed: 1, appCores: 1, dbCores: 2, periodUs: 100_000 } as const
  for (const [environment, competes] of [
    [machine, false],
    [quota, true],
  ] as const) {
    const own = { ...run.environment, ...environment }
    const configuration = { ...run.configuration, hosts }
    assert.equal(mayCompete({ environment: own, configuration }), competes)
  }
})
