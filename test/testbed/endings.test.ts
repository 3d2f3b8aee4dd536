import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { unpack } from '../../runner/results/bundle.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { recordPath } from '../../scripts/records.ts'
import { follow, type Followed, leftBehind, startRun } from './runs.ts'

let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'endings-'))
  await chmod(folder, 0o755)
})
after(() => rm(folder, { recursive: true, force: true }))

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MAIN = join(ROOT, 'runner', 'main.ts')
const SHORT = { profile: 'smoke', users: '5', 'warm-up': '0.2s', hold: '1s' }

/** A short run with these options, which take the place of its own. */
const options = (own: Readonly<Record<string, string>>): string[] =>
  Object.entries({ ...SHORT, ...own }).flatMap(([name, value]) => [`--${name}`, value])
const pooled = (own: Readonly<Record<string, string>>): string[] =>
  options({ arms: 'pooled', ...own })

/** The runner as a word of a shell's command line, which is `script` with `$run` in it. */
function shell(script: string, args: readonly string[]): Followed {
  const env = { ...process.env, TMPDIR: folder, run: `${process.execPath} ${MAIN}` }
  return follow(
    spawn('bash', ['-c', script, 'bash', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] }),
  )
}

const isReported = async (out: string): Promise<boolean> =>
  (await readdir(out)).includes('report.html')

test('the reader of both streams goes away at once: the run goes on to its report', async () => {
  const out = join(folder, 'head')
  const run = shell('$run "$@" 2>&1 | head -1; exit ${PIPESTATUS[0]}', pooled({ out }))
  assert.equal(await run.ended(), 0, run.said())
  assert.equal((await readRun(out)).state, 'complete')
  assert.ok(await isReported(out))
  assert.deepEqual(await leftBehind(folder), [])
})

test('the reader goes away and Ctrl-C comes: partial results, with their report', async () => {
  const out = join(folder, 'tee')
  const args = pooled({ hold: '30s', out })
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const run = follow(child)
  await run.until(/5 users: \d+ s to go/)
  child.stdout?.destroy()
  child.stderr?.destroy()
  child.kill('SIGINT')
  const [code] = await once(child, 'exit')
  assert.equal(code, 130)
  assert.equal((await readRun(out)).state, 'partial')
  assert.ok(await isReported(out))
  assert.deepEqual(await leftBehind(folder), [])
})

test('report into a reader that reads nothing, and onto a full disk, ends quietly', async (t) => {
  const copy = join(folder, 'record')
  await unpack(recordPath('factor-workers-beyond'), copy)
  for (const [what, script] of [
    ['true', '$run report "$1" | true; exit ${PIPESTATUS[0]}'],
    ['a full disk', '$run report "$1" > /dev/full'],
  ] as const) {
    await t.test(what, async () => {
      const run = shell(script, [copy])
      assert.equal(await run.ended(), 0, run.said())
      assert.equal(run.said(), '')
    })
  }
})

test('the first signal is heeded while an arm is waited for that never is ready', async () => {
  const silent = createServer((_, response) => response.writeHead(503).end()).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const out = join(folder, 'waiting')
  const target = `mine=http://127.0.0.1:${port}`
  const run = startRun(folder, options({ target, out }))
  try {
    await run.until(/trials, about /)
    await once(silent, 'request')
    const from = performance.now()
    run.child.kill('SIGTERM')
    assert.equal(await run.ended(), 130, run.said())
    assert.ok(performance.now() - from < 30_000, 'it was not waited on')
    assert.match(run.said(), /INTERRUPTED: partial results in .*--target mine=/)
    assert.equal((await readRun(out)).trials[0]?.problem, 'Interrupted.')
  } finally {
    silent.closeAllConnections()
    silent.close()
  }
})

test('an error that nobody waited for: an aborted trial with the stages so far, reported, and 1', async () => {
  const out = join(folder, 'stray')
  // As a defect of the runner would: somewhere, at any moment, of nobody's call.
  const stray = `process.once('SIGUSR2', () => void Promise.reject(new Error('lost by nobody')))`
  const preload = `--import=data:text/javascript,${encodeURIComponent(stray)}`
  const env = { NODE_OPTIONS: preload }
  const run = startRun(folder, pooled({ users: '5,10', hold: '2s', out }), env)
  await run.until(/10 users: \d+ s to go|5 users: [\d.]+\/s/)
  run.child.kill('SIGUSR2')
  assert.equal(await run.ended(), 1, run.said())
  assert.match(
    run.said(),
    /FAILED: pooled: An error that no part of the runner waited for: lost by/,
  )
  const { state, trials } = await readRun(out)
  assert.equal(state, 'partial')
  assert.deepEqual([trials[0]?.state, trials[0]?.stages.length], ['aborted', 1])
  assert.ok(await isReported(out))
  assert.deepEqual(await leftBehind(folder), [])
})

const IS_ROOT = process.platform === 'linux' && process.getuid?.() === 0

test(
  'root without the right to set priorities: reported once, and measured all the same',
  { skip: IS_ROOT ? false : 'only root starts the server as another user' },
  async () => {
    const out = join(folder, 'eperm')
    // On one core the runner has none of its own, and goes by priority.
    const drop = 'exec taskset -c 0 setpriv --bounding-set -sys_nice --inh-caps -sys_nice $run "$@"'
    const run = shell(`ulimit -Sn 100; ${drop}`, pooled({ users: '120', out }))
    assert.equal(await run.ended(), 0, run.said())
    const { warnings, trials } = await readRun(out)
    assert.doesNotMatch(run.said(), /open files/, 'a soft limit below the hard one is raised')
    assert.equal(trials[0]?.stages[0]?.outcomes.failed, 0)
    const reported = warnings.filter((warning) => warning.includes('priority'))
    assert.equal(reported.length, 1, run.said())
    assert.match(reported[0] ?? '', /\((EPERM|EACCES) when.*Run as another user than root/)
    assert.deepEqual(await leftBehind(folder), [])
  },
)

test('more users than descriptors: reported at the start, that stage INVALID, the run whole', async () => {
  const out = join(folder, 'descriptors')
  const own = { users: '5,200', hold: '2s', think: '200ms', out }
  const run = shell('ulimit -n 160; exec $run "$@"', pooled(own))
  assert.equal(await run.ended(), 0, run.said())
  assert.match(run.said(), /200 users need 264 open files, and the limit is 160: .*`ulimit -n 264`/)
  const [trial] = (await readRun(out)).trials
  assert.equal(trial?.state, 'complete')
  const last = trial.stages.at(-1)
  assert.equal(last?.validity.valid, false)
  assert.ok((last?.all.errors['client-exhausted'] ?? 0) > 0, JSON.stringify(last?.all.errors))
  assert.ok(await isReported(out))
})

test('what still keeps the process alive after its end is named, and it ends by force', async () => {
  const ending = JSON.stringify(new URL('../../runner/cli/ending.ts', import.meta.url).href)
  const script = `
    const { endWithinLimit } = await import(${ending})
    endWithinLimit(3, 1_000)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const run = follow(child)
  assert.equal(await run.ended(), 3, run.said())
  assert.match(run.said(), /done 1 s ago and the process did not end \(Timeout kept it\)/)
})
