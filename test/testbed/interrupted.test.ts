import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readRun } from '../../runner/results/read.ts'

const MAIN = fileURLToPath(new URL('../../runner/main.ts', import.meta.url))
let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interrupted-'))
  // Started by root, the server runs as another user, who must be let in.
  await chmod(folder, 0o755)
})
after(() => rm(folder, { recursive: true, force: true }))

type Started = {
  child: ChildProcess
  said: () => string
  until: (pattern: RegExp) => Promise<void>
}

/** A run whose temporary files are all in `folder`, so that what is left behind can be seen. */
function start(...args: string[]): Started {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  }
  return {
    child,
    said: () => text,
    async until(pattern) {
      const isOver = (): boolean => pattern.test(text) || child.exitCode !== null
      for (let look = 0; look < 1_200 && !isOver(); look += 1) await delay(50)
      assert.match(text, pattern)
    },
  }
}

const leftBehind = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('samehost-'))

const SMALL = ['--profile', 'smoke', '--users', '5,10', '--arms', 'pooled,persistent']

test('Ctrl-C ends with 130 and partial results, and leaves nothing behind', async () => {
  const out = join(folder, 'sigint')
  const { child, until, said } = start(...SMALL, '--hold', '30s', '--out', out)
  await until(/5 users: \d+ s to go/)
  child.kill('SIGINT')
  const [code] = await once(child, 'exit')
  assert.equal(code, 130, said())
  assert.match(said(), /INTERRUPTED: partial results in .*--resume/)
  const run = await readRun(out)
  assert.equal(run.state, 'partial')
  assert.deepEqual(await leftBehind(), [])
})

test('a run killed with SIGKILL half-way is resumed whole, and leaves nothing behind', async () => {
  const out = join(folder, 'sigkill')
  const killed = start(...SMALL, '--hold', '2s', '--out', out)
  await killed.until(/\[2\/2\] \S+ 5 users: [\d.]+\/s/)
  killed.child.kill('SIGKILL')
  await once(killed.child, 'exit')
  const cut = await readRun(out)
  assert.deepEqual(
    cut.trials.map((trial) => trial.state),
    ['complete', 'running'],
  )
  assert.equal(cut.trials[1]?.stages.length, 1, 'the stage that had ended is there, whole')

  const resumed = start('--resume', out)
  const [code] = await once(resumed.child, 'exit')
  assert.equal(code, 0, resumed.said())
  const whole = await readRun(out)
  assert.deepEqual(
    whole.trials.map((trial) => trial.state),
    ['complete', 'complete'],
  )
  assert.deepEqual(whole.trials[0], cut.trials[0], 'the trial that was complete is kept as it was')
  assert.equal(whole.state, 'complete')
  for (let look = 0; look < 200 && (await leftBehind()).length > 0; look += 1) await delay(50)
  assert.deepEqual(await leftBehind(), [])
})
