import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { type FakeArm, fakeSetting } from '../../test/fixtures/fake/testbed.ts'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import { createRandom } from '../load/random.ts'
import type { Run } from '../measurement/run.ts'
import { planRun } from '../plan/plan.ts'
import { openRunFile, readRun } from '../results/run-folder.ts'
import { measureTrials } from './measure-trials.ts'
import { readRunOptions } from './options.ts'
import { startProgress } from './progress.ts'
import { prepareResumed, type PreparedRun, resumedRun } from './resume.ts'

const ARMS: Readonly<Record<string, FakeArm>> = { one: {}, two: {} }

type Scene = Readonly<{
  on?: NonNullable<Parameters<typeof fakeSetting>[1]['on']>
  /** Is the rest wanted after the first trial? */
  isWanted?: boolean
}>

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'measured-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

/** A run of two arms by the book, into its files; resumed, where there is something of it already. */
async function measured(
  t: TestContext,
  folder: string,
  { on, isWanted = true }: Scene = {},
  resumed: PreparedRun['resumed'] = null,
): Promise<Readonly<{ isWhole: boolean; shown: string[]; events: readonly string[] }>> {
  const { setting, events } = await fakeSetting(t, { arms: ARMS, ...(on && { on }) })
  const { configuration, clock } = setting
  const all = planRun(configuration, createRandom(configuration.seed)).trials
  const startedAt = new Date().toISOString()
  const now: Run = { ...simulatedRun(), startedAt, configuration, state: 'partial', trials: [] }
  const start = resumed ? resumedRun(folder, resumed, { now, of: all.length }) : now
  const trials = all.filter(({ order }) => !start.trials.some((done) => done.order === order))
  const file = await openRunFile(folder, start)
  const shown: string[] = []
  const write = (text: string): void => void shown.push(text.trimEnd())
  const show = startProgress({ isTerminal: false, columns: 100, write }, 60_000, clock.nowMs)
  const { isWhole } = await measureTrials(
    file,
    { trials, resumed },
    {
      ...setting,
      tell(event) {
        setting.tell(event)
        show(event)
      },
      machine: { after: () => Promise.resolve(isWanted) },
    },
  )
  return { isWhole, shown, events }
}

const states = ({ trials }: Run): (readonly [string, number])[] =>
  trials.map(({ state, stages }) => [state, stages.length])

test('a whole run is kept trial by trial, with a line of progress for each stage', async (t) => {
  const folder = await folderOf(t)
  const { isWhole, shown } = await measured(t, folder)
  assert.equal(isWhole, true)
  assert.deepEqual(states(await readRun(folder)), [
    ['complete', 2],
    ['complete', 2],
  ])
  const stages = shown.filter((line) => /users: [\d.]+\/s, mean/.test(line))
  assert.deepEqual(
    stages.map((line) => /^\[\d\/2\] \w+ \d+ users/.exec(line)?.[0].replace(/\w+ (\d+)/, '$1')),
    ['[1/2] 20 users', '[1/2] 40 users', '[2/2] 20 users', '[2/2] 40 users'],
  )
  const going = shown.find((line) => line.includes('to go'))
  assert.match(going ?? '', /^\[1\/2\] \w+ \d+ users: \d+ s to go · about .* left$/)
})

test('a run that is cut in its second trial is resumed: what was complete stays, the rest is measured', async (t) => {
  const folder = await folderOf(t)
  let opened = 0
  const first = await measured(t, folder, {
    on: (event, end) => event === '40 users' && (opened += 1) === 2 && end(),
  })
  assert.equal(first.isWhole, false)
  const cut = await readRun(folder)
  assert.deepEqual(states(cut), [
    ['complete', 2],
    ['aborted', 1],
  ])
  assert.equal(cut.trials[1]?.host?.yardstickAfterMs, null, 'the machine was not read after it')

  const { setting } = await fakeSetting(t, { arms: ARMS })
  const { scenario, testbed } = setting
  const { kind, arms } = testbed
  const open = () => Promise.resolve(testbed)
  const options = readRunOptions(['--resume', folder], {}, null)
  assert.ok('profile' in options)
  const prepared = await prepareResumed(folder, options, { kind, arms, open, scenario })
  assert.deepEqual(
    prepared.trials.map(({ order }) => order),
    [1],
  )
  const second = await measured(t, folder, {}, prepared.resumed)
  assert.equal(second.isWhole, true)
  assert.equal(second.events[0], `trial 2 of 2: ${prepared.trials[0]?.arm}`)
  const whole = await readRun(folder)
  assert.deepEqual(states(whole), [
    ['complete', 2],
    ['complete', 2],
  ])
  assert.deepEqual(whole.trials[0], cut.trials[0], 'the trial that was complete is as it was')
  assert.match(whole.warnings.join('\n'), /Resumed at .* after 1 of 2 trials/)
})

test('whoever does not want the rest gets no more than the first trial', async (t) => {
  const folder = await folderOf(t)
  const { isWhole, events } = await measured(t, folder, { isWanted: false })
  assert.equal(isWhole, false)
  assert.equal(events.filter((event) => event.startsWith('open')).length, 1)
  assert.deepEqual(states(await readRun(folder)), [['complete', 2]])
})
