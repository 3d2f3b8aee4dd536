import assert from 'node:assert/strict'
import { readdir, readFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { limitedByRunner } from '../../runner/analysis/validity.ts'
import { runCli } from '../../runner/cli.ts'
import { readRun } from '../../runner/results/run-folder.ts'

const RUN = ['--profile', 'smoke', '--arms', 'pooled', '--loaders', '2']

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loaders-'))
})
after(() => rm(folder, { recursive: true, force: true }))

/** Processes of the loaders that this process has started, from proc(5). */
async function loaderPids(): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const all = await Promise.all(
    pids.map(async (pid) => {
      const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
      const [command, stat] = await Promise.all([read('cmdline'), read('stat')])
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      return command.includes('loaders-process.ts') && parent === process.pid ? [Number(pid)] : []
    }),
  )
  return all.flat()
}

test('a run with two loaders: figures, audit and each loader’s own state', async () => {
  const out = join(folder, 'run')
  assert.equal(await runCli([...RUN, '--users', '30,45', '--out', out], {}), 0)
  const { configuration, trials } = await readRun(out)
  assert.equal(configuration.loaders, 2)
  const [trial] = trials
  assert.deepEqual([trial?.state, trial?.audit?.passed], ['complete', true])
  for (const stage of trial?.stages ?? []) {
    const { users, outcomes, client, cpu, littlesLaw } = stage
    const loaders = client.loaders ?? []
    assert.deepEqual(
      loaders.map((loader) => loader.users),
      [Math.ceil(users / 2), Math.floor(users / 2)],
    )
    assert.equal(
      loaders.reduce((sum, loader) => sum + loader.requests, 0),
      outcomes.sent,
    )
    const accounts = Math.abs(littlesLaw.residual) < 0.05
    assert.ok(accounts || limitedByRunner(stage), `${littlesLaw.expectedUsers} of ${users} users`)
    // The runner's CPU is that of all of its processes.
    const driving = loaders.reduce((sum, loader) => sum + loader.cpuCores, 0)
    assert.ok((cpu.runner?.cores ?? 0) > 0.5 * driving, `${cpu.runner?.cores} of ${driving}`)
  }
  assert.deepEqual(await loaderPids(), [])
})

test('a loader that is killed in mid-stage ends the trial, which is kept and names it', async () => {
  const out = join(folder, 'killed')
  const trials = ['--trials', '2', '--users', '30', '--hold', '12s']
  const running = runCli([...RUN, ...trials, '--out', out], {})
  const deadline = performance.now() + 60_000
  for (;;) {
    const run = await readRun(out).catch(() => null)
    const [pid] = await loaderPids()
    // run.json is there before the first trial: give that the time to be amid its first stage.
    if (run !== null && pid !== undefined) {
      await delay(6_000)
      process.kill(pid, 'SIGKILL')
      break
    }
    assert.ok(performance.now() < deadline, 'waited 60 s for the loaders')
    await delay(100)
  }
  assert.equal(await running, 1)
  const run = await readRun(out)
  assert.equal(run.state, 'complete')
  assert.equal(run.trials.length, 2)
  // The second has no loaders to share its users, and takes no time to say so.
  for (const trial of run.trials) {
    assert.equal(trial.state, 'aborted')
    assert.match(trial.problem ?? '', /^Loader 1 of 2 ended \(SIGKILL\): its requests are lost/)
  }
  assert.deepEqual(await loaderPids(), [])
})
