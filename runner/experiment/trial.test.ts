import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { type FakeArm, fakeSetting } from '../../test/fixtures/fake/testbed.ts'
import { checksThat } from '../analysis/checks/checks.ts'
import type { Configuration } from '../measurement/run.ts'
import type { Trial } from '../measurement/trial.ts'
import type { Counters, PartCounters } from '../telemetry/counters.ts'
import { runTrial, type TrialSetting } from './trial.ts'

type Scene = Readonly<{
  arm?: FakeArm
  configuration?: Partial<Configuration>
  setting?: Partial<TrialSetting>
  on?: Parameters<typeof fakeSetting>[1]['on']
}>

/** One trial of three stages, on an arm by the book and in no time. */
async function trialOf(
  t: TestContext,
  { arm = {}, setting, on, ...scene }: Scene = {},
): Promise<Trial> {
  const configuration = { users: [20, 30, 40], ...scene.configuration }
  const fake = await fakeSetting(t, { arms: { pooled: arm }, configuration, ...(on && { on }) })
  const [pooled] = fake.setting.testbed.arms
  assert.ok(pooled)
  const planned = { arm: 'pooled', index: 0, order: 0 }
  return await runTrial(planned, pooled, { ...fake.setting, ...setting })
}

const OF_MACHINE = checksThat(({ blames }) => blames === 'machine')
/** Of each stage the checks that failed, but for those of the machine that the test runs on. */
const checks = ({ stages }: Trial): string[][] =>
  stages.map(({ validity }) =>
    validity.reasons.map(({ check }) => check).filter((check) => !OF_MACHINE.has(check)),
  )

test('a sound trial is proved before its first stage and after each', async (t) => {
  const trial = await trialOf(t)
  assert.equal(trial.state, 'complete')
  assert.equal(trial.identity?.proofs, 4)
  assert.equal(trial.identity.heldStages, 3)
  assert.deepEqual(checks(trial), [[], [], []])
  assert.equal(trial.notes, undefined)
})

for (const [who, arm, instance, says] of [
  ['another arm', 'floor', 'b2', /^Not pooled but floor/],
  ['another process', 'pooled', 'a2', /^Another process of pooled/],
] as const)
  test(`${who} that answers after the second stage: that stage is not kept, and no stage stands`, async (t) => {
    const answers = (stages: number) =>
      stages >= 1 ? { arm, instance } : { arm: 'pooled', instance: 'a1' }
    const trial = await trialOf(t, { arm: { answers } })
    assert.deepEqual([trial.state, trial.abortedBy], ['aborted', 'identity'])
    assert.match(trial.problem ?? '', says)
    assert.deepEqual(checks(trial), [['trial']])
  })

test('the signal in the second stage: the first stands, since it was proved after it', async (t) => {
  const trial = await trialOf(t, { on: (event, end) => event === '30 users' && end() })
  assert.deepEqual([trial.state, trial.abortedBy], ['aborted', 'other'])
  assert.equal(trial.problem, 'Interrupted.')
  assert.deepEqual(checks(trial), [[]])
})

test('a service that cannot be asked after a stage, and then the signal: that stage does not stand', async (t) => {
  const answers = (stages: number) => (stages < 1 ? { arm: 'pooled', instance: 'a1' } : null)
  const trial = await trialOf(t, {
    arm: { answers },
    on: (event, end) => event === 'kept 2' && end(),
  })
  assert.deepEqual(checks(trial), [[], ['trial']])
})

test('an arm that dies: the stage in which it did is shown, and does not stand', async (t) => {
  let read = 0
  const died = () => Promise.resolve((read += 1) > 1 ? 'exit code 1' : null)
  const trial = await trialOf(t, { arm: { open: { died } } })
  assert.match(trial.problem ?? '', /^It ended at 30 users: exit code 1/)
  assert.equal(trial.abortedBy, 'other')
  assert.deepEqual(checks(trial), [[], ['trial']])
})

test('an error that nobody waited for is the problem of the trial, with the stages it has', async (t) => {
  const trial = await trialOf(t, {
    on: (event, end) => event === 'kept 1' && end(new Error('A loader said nothing.')),
  })
  assert.deepEqual([trial.state, trial.problem], ['aborted', 'A loader said nothing.'])
  assert.equal(trial.stages.length, 1)
})

test('an arm that cannot be closed loses no trial, and it is said', async (t) => {
  const close = () => Promise.reject(new Error('no such process'))
  const trial = await trialOf(t, { arm: { open: { close } } })
  assert.equal(trial.state, 'complete')
  assert.deepEqual(trial.notes, ['it could not be closed: no such process'])
})

const FREE = {
  periods: null,
  throttledPeriods: null,
  memoryBytes: 1,
  networkRxBytes: null,
  networkTxBytes: null,
  restarts: 0,
  oomKills: 0,
}
/** A part that uses half a core. */
const part = (cores: number | null, memoryLimitBytes: number | null = null): PartCounters => {
  const atMs = performance.now()
  const cpuLimit = cores === null ? null : { cores, periodUs: 10_000 }
  return { ...FREE, atMs, cpuUs: 500 * atMs, cpuLimit, memoryLimitBytes }
}

for (const [what, changed, says] of [
  [
    'the CPU limit of the app',
    () => ({ app: part(0.1, 512e6), db: part(1) }),
    /app.*: 0\.1 cores by 10000 us, 512 MB, and before that 0\.5 cores/,
  ],
  [
    'no limit on the database any more',
    () => ({ app: part(0.5, 512e6), db: part(null) }),
    /db.*: no CPU limit/,
  ],
  [
    'the memory limit of the app',
    () => ({ app: part(0.5, 64e6), db: part(1) }),
    /app.*64 MB.*512 MB/,
  ],
] as const)
  test(`somebody sets ${what} in the second stage: it and the next are INVALID`, async (t) => {
    const counters = (stages: number): Counters =>
      stages === 0 ? { app: part(0.5, 512e6), db: part(1) } : changed()
    const trial = await trialOf(t, { arm: { counters } })
    assert.equal(trial.state, 'complete')
    assert.deepEqual(trial.limits?.app, { cores: 0.5, periodUs: 10_000, memoryMb: 512 })
    assert.deepEqual(checks(trial), [[], ['limits'], ['limits']])
    const found = trial.stages[1]?.validity.reasons.find(({ check }) => check === 'limits')
    assert.match(found?.text ?? '', says)
  })

test('a limit that was another in an earlier trial of the arm is found, where the runner sets none', async (t) => {
  const earlier = await trialOf(t, { arm: { counters: () => ({ app: part(0.5) }) } })
  const trial = await trialOf(t, {
    arm: { counters: () => ({ app: part(1) }) },
    setting: { earlier: [earlier] },
  })
  assert.deepEqual(checks(trial), [['limits'], ['limits'], ['limits']])
})

test('counters that go away in mid-trial are said, by part and by stage', async (t) => {
  const counters = (stages: number): Counters => (stages < 1 ? { app: part(0.5), db: part(1) } : {})
  const trial = await trialOf(t, { arm: { counters } })
  assert.equal(trial.state, 'complete')
  assert.equal(trial.notes?.length, 1)
  assert.match(trial.notes[0] ?? '', /stages of 30, 40 users: CPU, limits and restarts of app, db/)
})
