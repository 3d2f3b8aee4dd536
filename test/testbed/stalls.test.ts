import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { CheckId } from '../../runner/analysis/checks/checks.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { childrenOf, type Followed, leftBehind, startRun } from './runs.ts'

let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stalls-'))
  await chmod(folder, 0o755)
})
after(() => rm(folder, { recursive: true, force: true }))

const SKIP = process.platform === 'linux' ? false : 'processes are found in /proc'
const SMALL = ['--profile', 'smoke', '--users', '40', '--warm-up', '0.5s']

/** ms. Longer than the warm-up, and so much shorter than the window that the stall is within it. */
const WARM_UP_MS = 2_000

const childOf = async (run: Followed, words: string): Promise<number> => {
  const [pid] = await childrenOf(run.child.pid ?? 0, words)
  assert.ok(pid !== undefined, `${words}: ${run.said()}`)
  return pid
}

/** Its postmaster, and the session of each connection: those serve on where the postmaster alone stands still. */
async function databaseOf(run: Followed): Promise<number[]> {
  const postmaster = await childOf(run, 'native/bin/postgres')
  return [postmaster, ...(await childrenOf(postmaster, 'postgres'))]
}

const runnerOf = (run: Followed): Promise<number[]> => Promise.resolve([run.child.pid ?? 0])

const serviceOf = async (run: Followed): Promise<number[]> => [
  await childOf(run, 'services/commerce/main.ts'),
]

/** Who is stopped in the stage of so many users, for how long, and a check that finds it. */
type Stall = readonly [
  users: number,
  find: (run: Followed) => Promise<number[]>,
  stoppedMs: number,
  check: CheckId,
]
const RUNS: Readonly<Record<string, readonly Stall[]>> = {
  'the runner, and then the service,': [
    [40, runnerOf, 3_000, 'client-event-loop'],
    [41, serviceOf, 3_000, 'stall'],
  ],
  // As in the profiles quick and smoke, whose windows are too short for a drift.
  'the service for a second': [[40, serviceOf, 1_000, 'stall']],
  'the database': [[40, databaseOf, 3_000, 'stall']],
}

for (const [what, stalls] of Object.entries(RUNS))
  test(
    `${what} stands still: that stage is INVALID by its check, and the run goes on`,
    { skip: SKIP },
    async () => {
      const out = join(folder, what.replaceAll(/\W+/g, '-'))
      const users = stalls.map(([each]) => each).join(',')
      const sizes = ['--users', users, '--warm-up', '0.5s', '--hold', '7s']
      const run = startRun(folder, ['--profile=smoke', '--arms=pooled', ...sizes, '--out', out])
      for (const [each, find, stoppedMs] of stalls) {
        await run.until(new RegExp(`${each} users: \\d+ s to go`))
        // Past the warm-up: what stands still before the window is no matter of the stage.
        await delay(WARM_UP_MS)
        const pids = await find(run)
        for (const pid of pids) process.kill(pid, 'SIGSTOP')
        await delay(stoppedMs)
        for (const pid of pids) process.kill(pid, 'SIGCONT')
      }
      assert.equal(await run.ended(), 0, run.said())
      assert.match(run.said(), /DONE: results in/)
      const { trials, state, warnings } = await readRun(out)
      assert.equal(state, 'complete')
      const stages = trials[0]?.stages ?? []
      for (const [each, , , check] of stalls) {
        const stage = stages.find((one) => one.users === each)
        const failed = stage?.validity.reasons.map((reason) => reason.check) ?? []
        assert.ok(failed.includes(check), JSON.stringify({ each, failed, seconds: stage?.seconds }))
      }
      assert.ok((await readdir(out)).includes('report.html'))
      assert.deepEqual(
        warnings.filter((warning) => warning.startsWith('Not kept')),
        [],
      )
      assert.deepEqual(await leftBehind(folder), [])
    },
  )

test(
  'the database is killed in a warm-up: FAILED with its name, a report, and an end in time',
  { skip: SKIP },
  async () => {
    const out = join(folder, 'killed')
    const run = startRun(folder, [
      '--profile=smoke',
      '--users=20',
      '--arms=pooled,persistent',
      '--warm-up=5s',
      '--hold=1s',
      `--out=${out}`,
    ])
    await run.until(/20 users: \d+ s to go/)
    process.kill(await childOf(run, 'native/bin/postgres'), 'SIGKILL')
    await run.until(/FAILED: /)
    assert.equal(await run.ended(), 1, run.said())
    assert.doesNotMatch(run.said(), /by force/)
    assert.match(run.said(), /FAILED: .*the database server ended with SIGKILL/)
    assert.match(run.said(), /The database could not be recreated: /)
    const { trials } = await readRun(out)
    assert.deepEqual(
      trials.map((trial) => trial.state),
      ['aborted', 'aborted'],
    )
    assert.equal(trials[0]?.stages[0]?.validity.valid, false)
    assert.ok((await readdir(out)).includes('report.html'))
    assert.deepEqual(await leftBehind(folder), [])
  },
)

test(
  "the runner's own connection to the database is ended: that stage is INVALID, the next trial counts again",
  { skip: SKIP },
  async () => {
    const out = join(folder, 'cut')
    const options = ['--arms', 'pooled,persistent', '--hold', '4s', '--out', out]
    const run = startRun(folder, [...SMALL, ...options])
    await run.until(/40 users: \d+ s to go/)
    const postgres = await childOf(run, 'native/bin/postgres')
    const sessions = await childrenOf(postgres, 'postgres: postgres postgres')
    assert.ok(sessions.length > 0, 'the session of the runner')
    for (const pid of sessions) process.kill(pid, 'SIGTERM')
    assert.equal(await run.ended(), 0, run.said())
    const [first, second] = (await readRun(out)).trials
    const checks = first?.stages[0]?.validity.reasons.map(({ check }) => check) ?? []
    assert.ok(checks.includes('figures'), JSON.stringify(first?.stages[0]?.validity))
    assert.equal(first?.stages[0]?.connectionsPerRequest, null)
    assert.equal(typeof second?.stages[0]?.connectionsPerRequest, 'number')
  },
)
