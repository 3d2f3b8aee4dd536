import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { readRun } from '../../runner/results/run-folder.ts'
import { childrenOf, follow, groupsLeft, leftBehind, leftRunning, MAIN, startRun } from './runs.ts'

let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interrupted-'))
  // Started by root, the server runs as another user, who must be let in.
  await chmod(folder, 0o755)
})
after(() => rm(folder, { recursive: true, force: true }))

const SMALL = ['--profile', 'smoke', '--users', '5,10', '--arms', 'pooled,persistent']

/** A machine on which no group can be made: what root finds in a container. */
const WITHOUT_LIMITS = `
  awk '$3 ~ /^cgroup/ { print $2 }' /proc/self/mounts |
    while read -r at; do mount -o remount,bind,ro "$at"; done
  exec $run "$@"`

test('a run killed with SIGKILL half-way is resumed whole, and leaves nothing behind', async () => {
  const out = join(folder, 'sigkill')
  const killed = startRun(folder, [...SMALL, '--warm-up', '0.5s', '--hold', '2s', '--out', out])
  await killed.until(/\[2\/2\] \S+ 5 users: [\d.]+\/s/)
  killed.child.kill('SIGKILL')
  await once(killed.child, 'exit')
  assert.deepEqual(await groupsLeft(killed.child.pid), [])
  const cut = await readRun(out)
  assert.deepEqual(
    cut.trials.map((trial) => trial.state),
    ['complete', 'running'],
  )
  assert.equal(cut.trials[1]?.stages.length, 1, 'the stage that had ended is there, whole')
  assert.equal(cut.trials[1].host?.yardstickAfterMs, null, 'the machine was not read after it')

  if (cut.environment.label.startsWith('embedded: CPU limits by cgroup')) {
    const bytes = await readFile(join(out, 'run.json'), 'utf8')
    const unlimited = follow(
      spawn('sh', ['-c', 'exec unshare -m sh -c "$script" sh "$@"', 'sh', '--resume', out], {
        env: {
          ...process.env,
          TMPDIR: folder,
          run: `${process.execPath} ${MAIN}`,
          script: WITHOUT_LIMITS,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    )
    assert.equal(await unlimited.ended(), 2, unlimited.said())
    assert.match(unlimited.said(), /the testbed was embedded: CPU limits.* and is embedded: no lim/)
    assert.match(unlimited.said(), /the CPU limit of pooled in cores was 0\.\d+ and is unknown/)
    assert.equal(await readFile(join(out, 'run.json'), 'utf8'), bytes)
  }

  const resumed = startRun(folder, ['--resume', out])
  const [code] = await once(resumed.child, 'exit')
  assert.equal(code, 0, resumed.said())
  assert.match(resumed.said(), /\[2\/2\] \S+ 5 users/)
  assert.doesNotMatch(resumed.said(), /\[\d\/1\]/)
  const whole = await readRun(out)
  assert.deepEqual(
    whole.trials.map((trial) => trial.state),
    ['complete', 'complete'],
  )
  assert.deepEqual(whole.trials[0], cut.trials[0], 'the trial that was complete is kept as it was')
  assert.equal(whole.state, 'complete')
  for (const { host, identity, armStartedAt } of whole.trials) {
    assert.deepEqual(
      [identity?.proofs, identity?.prepare],
      [3, 'off'],
      'at first, after each stage',
    )
    assert.ok(Date.parse(armStartedAt ?? '') > 0)
    assert.ok(host, 'the machine was read at both ends of every trial')
    const { busyRatio, yardstickBeforeMs, yardstickAfterMs } = host
    assert.ok(yardstickBeforeMs > 0 && (yardstickAfterMs ?? 0) > 0)
    assert.ok(busyRatio === null || busyRatio <= 1)
  }
  assert.deepEqual(await leftBehind(folder), [])
})

/** Then there is nothing yet that could be kept. */
const NOT_BEGUN = /Starting the testbed/

/** Moments of a run, by what it says when it comes to them. */
const MOMENTS = [
  ['while its testbed starts', NOT_BEGUN, '30s'],
  ['while its first arm starts', /trials, about /, '30s'],
  ['between two stages', /5 users: [\d.]+\/s/, '1s'],
] as const
const IN_A_STAGE = /5 users: \d+ s to go/
/** SIGTERM and SIGINT in a stage come through npm, as people send them: npm.test.ts. */
const CASES = [
  ...MOMENTS.map((moment) => ['SIGTERM', moment] as const),
  ['SIGHUP', ['in a stage', IN_A_STAGE, '30s']] as const,
]
for (const [signal, [moment, pattern, hold]] of CASES) {
  test(`${signal} ${moment} ends with 130 and leaves no process and no folder`, async () => {
    const out = join(folder, `${signal}-${moment.replaceAll(' ', '-')}`)
    const options = [...SMALL, '--hold', hold, '--out', out]
    const { child, until, said, ended } = startRun(folder, options)
    await until(pattern)
    const parts = await childrenOf(child.pid ?? 0, '')
    child.kill(signal)
    assert.equal(await ended(), 130, said())
    assert.match(said(), new RegExp(`${signal}: ending with what there is`))
    if (pattern === NOT_BEGUN) {
      assert.match(said(), /INTERRUPTED before anything was measured/)
      assert.deepEqual(await readdir(out), [])
    } else {
      assert.match(said(), /INTERRUPTED: partial results in .*--resume/)
      assert.equal((await readRun(out)).state, 'partial')
    }
    assert.deepEqual(await leftBehind(folder), [])
    assert.deepEqual(await leftRunning(folder, parts), [])
    assert.deepEqual(await groupsLeft(child.pid), [])
  })
}

test('a second signal ends at once, and the guard clears up', async () => {
  const out = join(folder, 'twice')
  const run = startRun(folder, [...SMALL, '--warm-up', '0.2s', '--hold', '1s', '--out', out])
  // A stage has ended: its files are being written just now.
  await run.until(/5 users: [\d.]+\/s/)
  const parts = await childrenOf(run.child.pid ?? 0, '')
  run.child.kill('SIGTERM')
  await run.until(/ending with what there is/)
  run.child.kill('SIGTERM')
  assert.equal(await run.ended(), 130, run.said())
  const halfWritten = (await readdir(out)).filter((name) => /\.part$|\.lock$/.test(name))
  assert.deepEqual(halfWritten, [])
  await readRun(out)
  assert.deepEqual(await leftBehind(folder), [])
  assert.deepEqual(await leftRunning(folder, parts), [])
  assert.deepEqual(await groupsLeft(run.child.pid), [])
})
