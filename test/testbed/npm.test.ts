import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { readRun } from '../../runner/results/run-folder.ts'
import { KIT } from '../docker/kit.ts'
import { childrenOf, follow, type Followed, leftBehind, leftRunning } from './runs.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'npm-'))
  await chmod(folder, 0o755)
})
after(() => rm(folder, { recursive: true, force: true }))

/** `npm run bench …` as in a terminal of its own: npm leads the group that Ctrl-C is sent to. */
function npmRun(...words: readonly string[]): Followed {
  const env = { ...process.env, TMPDIR: folder, npm_config_update_notifier: 'false' }
  return follow(
    spawn('npm', ['run', 'bench', ...words], {
      cwd: KIT,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
}

const SMALL = ['--profile', 'smoke', '--users', '5', '--arms', 'pooled', '--hold', '60s']

/** A run in the midst of a stage, with the ids of the runner and of all that it started. */
async function loadedRun(out: string): Promise<Followed & { pids: number[] }> {
  const run = npmRun('--', ...SMALL, '--out', out)
  await run.until(/5 users: \d+ s to go/)
  const [runner = 0] = await childrenOf(run.child.pid ?? 0, 'runner/start.js')
  assert.ok(runner > 0, 'the runner is npm’s own child: no shell stands between them')
  return { ...run, pids: [runner, ...(await childrenOf(runner, ''))] }
}

for (const [what, end] of [
  ['SIGTERM to npm', (pid: number) => process.kill(pid, 'SIGTERM')],
  ['Ctrl-C, which npm sends on once more', (pid: number) => process.kill(-pid, 'SIGINT')],
  ['SIGKILL to npm', (pid: number) => process.kill(pid, 'SIGKILL')],
] as const) {
  test(`${what}: the run ends in order, with its report, and nobody is left`, async () => {
    const out = join(folder, what.replaceAll(/\W+/g, '-'))
    const { child, pids, ended, said } = await loadedRun(out)
    end(child.pid ?? 0)
    // Its streams close when the last of its processes has ended.
    await ended()
    assert.match(said(), /INTERRUPTED: partial results in/)
    assert.equal((await readRun(out)).state, 'partial')
    assert.ok((await readdir(out)).includes('report.html'), said())
    assert.deepEqual(await leftBehind(folder), [])
    assert.deepEqual(await leftRunning(folder, pids), [])
  })
}

test('options before `--` are given back with the line that is right, and nothing is measured', async () => {
  for (const [words, line] of [
    [['--profile=smoke'], 'npm run bench -- --profile smoke'],
    [['--profile', 'smoke', '--no-search'], 'npm run bench -- --profile smoke --no-search'],
    [['--hosts=0.1', '--', '--users', '5'], 'npm run bench -- --hosts 0.1 --users 5'],
  ] as const) {
    const run = npmRun(...words)
    assert.equal(await run.ended(), 2, run.said())
    assert.ok(run.said().includes(`\`${line}\``), run.said())
    assert.doesNotMatch(run.said(), /Starting the testbed/)
  }
})
