import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { fakeSetting } from '../../test/fixtures/fake/testbed.ts'
import { createRandom } from '../load/random.ts'
import type { Trial } from '../measurement/trial.ts'
import { planRun } from '../plan/plan.ts'
import { runExperiment } from './experiment.ts'

type Scene = Parameters<typeof fakeSetting>[1]

/** A whole experiment, on arms by the book and in no time. */
async function experiment(t: TestContext, scene: Scene = {}) {
  const { events, setting } = await fakeSetting(t, scene)
  const { configuration } = setting
  const plan = planRun(configuration, createRandom(configuration.seed))
  const trials: Trial[] = []
  for await (const trial of runExperiment({ ...setting, trials: plan.trials })) trials.push(trial)
  return { events, trials, planned: plan.trials }
}

/** Of the events, those that begin so. */
const only = (events: readonly string[], ...beginnings: string[]): string[] =>
  events.filter((event) => beginnings.some((beginning) => event.startsWith(beginning)))

test('a trial: the arm is opened, each stage measured, kept and judged, the arm closed', async (t) => {
  const { events } = await experiment(t)
  assert.deepEqual(events, [
    'trial 1 of 1: pooled',
    'open pooled',
    'ramp of 20 users',
    '20 users',
    'window opens',
    'window closes after 5 s',
    'kept 1',
    'valid',
    'ramp of 40 users',
    '40 users',
    'window opens',
    'window closes after 5 s',
    'kept 2',
    'valid',
    'load stops',
    'close pooled',
    'complete',
  ])
})

test('trials come in the planned order, one after another, each arm closed before the next is opened', async (t) => {
  const arms = { one: {}, two: {}, three: {} }
  const { events, planned } = await experiment(t, { arms, configuration: { trials: 2 } })
  const expected = planned.flatMap(({ arm }, at) => [
    `trial ${at + 1} of 6: ${arm}`,
    `open ${arm}`,
    `close ${arm}`,
    'complete',
  ])
  assert.deepEqual(only(events, 'trial', 'open', 'close', 'complete'), expected)
})

/** Past 60 users each waits for all that are more than the service can serve. */
const saturating = (users: number): number => 20 + 12 * Math.max(0, users - 60)

test('the search probes until the crossing is known, and the control repeats the first step', async (t) => {
  const { events } = await experiment(t, {
    arms: { pooled: { responseMs: saturating } },
    configuration: { search: true, maxUsers: 400, control: true },
  })
  const stages = only(events, 'ramp', 'probe', 'control')
  assert.deepEqual(stages.slice(0, 2), ['ramp of 20 users', 'ramp of 40 users'])
  assert.equal(stages.at(-1), 'control of 20 users')
  const probes = stages.slice(2, -1).map((stage) => Number(/^probe of (\d+)/.exec(stage)?.[1]))
  assert.ok(probes.length > 0 && probes.every((users) => users > 40), stages.join())
  const crossing = 60 + 80 / 12
  const nearest = Math.min(...probes.map((users) => Math.abs(users - crossing)))
  assert.ok(nearest < 0.1 * crossing, stages.join())
})

test('a warm-up ends once the response time is settled, and a window once its mean is precise', async (t) => {
  const adaptive = { warmUpS: 2, warmUpMostS: 9, holdS: 4, holdMostS: 9 }
  const { events } = await experiment(t, { configuration: { ...adaptive, users: [40] } })
  const [warm = '', closed = ''] = only(events, 'warm', 'window closes')
  const [warmS = NaN, holdS = NaN] = [warm, closed].map((text) =>
    Number(/ ([\d.]+) s$/.exec(text)?.[1]),
  )
  assert.ok(warmS >= 2 && warmS <= 9, warm)
  assert.equal(holdS, 4, 'a mean that does not vary is precise at once')
})

test('with a precision asked for, the rounds end once it is reached', async (t) => {
  const arms = { pooled: { responseMs: saturating }, persistent: { responseMs: saturating } }
  const search = { search: true, maxUsers: 400, trials: 7 }
  const precise = await experiment(t, { arms, configuration: { ...search, precision: 20 } })
  assert.ok(precise.trials.length < 14, `${precise.trials.length} trials`)
  assert.equal(precise.trials.length % 2, 0, 'the round is whole')
  const all = await experiment(t, { arms, configuration: search })
  assert.equal(all.trials.length, 14)
})

test('an arm that cannot be opened is not measured, and the next one is', async (t) => {
  const arms = { pooled: { refuses: 'It ended: no message.' }, persistent: {} }
  const { events } = await experiment(t, { arms })
  assert.deepEqual(only(events, 'aborted', 'complete').toSorted(), [
    'aborted: It ended: no message.',
    'complete',
  ])
  assert.equal(only(events, 'kept').length, 2)
})

test('an arm that breaks the contract is not measured', async (t) => {
  const { events } = await experiment(t, { arms: { pooled: { breaksContract: true } } })
  assert.deepEqual(events, [
    'trial 1 of 1: pooled',
    'open pooled',
    'contract-failed',
    'close pooled',
    'aborted: The arm breaks the contract.',
  ])
})

for (const [moment, event, stages] of [
  ['while an arm is opened', 'open', 0],
  ['in a warm-up', '20 users', 0],
  ['in a window', 'window opens', 0],
  ['after a stage', 'kept 1', 1],
] as const)
  test(`the signal ${moment} ends its trial with ${stages} stages, closes the arm, and is the end`, async (t) => {
    const arms = { one: {}, two: {} }
    const { events, trials } = await experiment(t, {
      arms,
      on: (happened, end) => happened.startsWith(event) && end(),
    })
    assert.deepEqual(
      trials.map(({ state, problem }) => [state, problem]),
      [['aborted', 'Interrupted.']],
    )
    assert.equal(trials[0]?.stages.length, stages)
    assert.equal(only(events, 'open').length, only(events, 'close').length)
    assert.equal(only(events, 'trial').length, 1, 'the other arm was not begun')
  })

test('the signal between two trials: the one that has ended is whole, and no other begins', async (t) => {
  const { trials, events } = await experiment(t, {
    arms: { one: {}, two: {} },
    on: (event, end) => event === 'complete' && end(),
  })
  assert.deepEqual(
    trials.map(({ state }) => state),
    ['complete'],
  )
  assert.equal(only(events, 'trial').length, 1)
})

test('a loader that hangs ends its trial by its name, and the next trial is not begun without it', async (t) => {
  const { setting, events } = await fakeSetting(t, { arms: { one: {}, two: {} } })
  const problem = 'Loader 1 of 2 did not answer "close-window" within 30 s: its requests are lost.'
  let gone: Error | undefined
  const loaders: typeof setting.loaders = {
    ...setting.loaders,
    start: (options) => ({
      ...setting.loaders.start(options),
      closeWindow: () => Promise.reject((gone = new Error(problem))),
    }),
    check() {
      if (gone) throw gone
    },
  }
  const { trials } = planRun(setting.configuration, createRandom(1))
  const problems = await Array.fromAsync(
    runExperiment({ ...setting, loaders, trials }),
    (trial) => trial.problem,
  )
  assert.deepEqual(problems, [problem, problem])
  assert.equal(only(events, 'open').length, 1)
})
