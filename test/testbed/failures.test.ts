import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { readRun } from '../../runner/results/run-folder.ts'
import { childrenOf, leftBehind, startRun } from './runs.ts'

let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'failures-'))
  await chmod(folder, 0o755)
})
after(() => rm(folder, { recursive: true, force: true }))

const SHORT = ['--profile', 'smoke', '--warm-up', '0.2s', '--hold', '1s']
const TINY = [...SHORT, '--users', '5']
const POOLED = [...TINY, '--arms', 'pooled']

/** A file system of its own, so that its end is real; only root on Linux may mount one. */
const CANNOT_MOUNT =
  process.platform === 'linux' && process.getuid?.() === 0 ? false : 'only root may mount'

async function mounted(t: TestContext, name: string, options: string): Promise<string> {
  const at = join(folder, name)
  await mkdir(at)
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at])
  t.after(() => execFileSync('umount', ['-l', at]))
  return join(at, 'run')
}

test(
  'a disk that is full half-way: 1, a remedy, and the stages so far are kept whole',
  { skip: CANNOT_MOUNT },
  async (t) => {
    const out = await mounted(t, 'tiny', 'size=48k')
    const users = Array.from({ length: 12 }, (_, at) => at + 3).join(',')
    const run = startRun(folder, [...SHORT, '--arms', 'pooled', '--users', users, '--out', out])
    assert.equal(await run.ended(), 1, run.said())
    assert.match(run.said(), /The disk is full at .* Free some space and continue with --resume/)
    const kept = await readRun(out)
    assert.equal(kept.state, 'partial')
    assert.ok((kept.trials[0]?.stages.length ?? 0) > 0, 'stages had been kept')
    assert.ok((await readdir(out)).every((name) => !name.endsWith('.part')))
    assert.deepEqual(await leftBehind(folder), [])
  },
)

test(
  'a folder that may not be written: 1 before anything is started, with a remedy',
  {
    skip: CANNOT_MOUNT,
  },
  async (t) => {
    const out = await mounted(t, 'read-only', 'ro')
    const run = startRun(folder, [...POOLED, '--out', out])
    assert.equal(await run.ended(), 1, run.said())
    assert.match(
      run.said(),
      /read-only\/run (may not be written|cannot be made there)\..* name another folder/,
    )
    assert.doesNotMatch(run.said(), /Starting the testbed/)
  },
)

test(
  'an arm that dies half-way fails its trial, by its name; the next arm is measured',
  {
    skip: process.platform === 'linux' ? false : 'processes are found in /proc',
  },
  async () => {
    const out = join(folder, 'died')
    // A log has a line every five seconds: the first comes well before the stage's end.
    const stage = ['--users', '5', '--warm-up', '0.2s', '--hold', '7s']
    const options = ['--profile', 'smoke', ...stage, '--arms', 'pooled,persistent', '--out', out]
    const run = startRun(folder, options)
    await run.until(/5 users: [1-9]\d* s to go/)
    const [arm] = await childrenOf(run.child.pid ?? 0, 'services/commerce/main.ts')
    assert.ok(arm !== undefined, run.said())
    process.kill(arm, 'SIGKILL')
    assert.equal(await run.ended(), 1, run.said())
    assert.match(
      run.said(),
      /FAILED: (pooled|persistent): It ended at 5 users: its process ended with SIGKILL/,
    )
    const { trials } = await readRun(out)
    assert.deepEqual(
      trials.map((trial) => trial.state),
      ['aborted', 'complete'],
    )
    assert.deepEqual(await leftBehind(folder), [])
  },
)
