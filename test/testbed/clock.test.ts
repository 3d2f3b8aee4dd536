import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { limitedByRunner } from '../../runner/analysis/validity.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { leftBehind, startRun } from './runs.ts'

const JUMPING = new URL('./jumping-clock.ts', import.meta.url).href
const OPTIONS = ['--profile', 'smoke', '--arms', 'pooled', '--users', '20', '--hold', '4s']

test('a wall clock that jumps by hours changes no figure', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'clock-'))
  await chmod(folder, 0o755)
  t.after(() => rm(folder, { recursive: true }))
  const out = join(folder, 'run')
  const env = { NODE_OPTIONS: `--import ${JUMPING}` }
  const run = startRun(folder, [...OPTIONS, '--out', out], env)
  assert.equal(await run.ended(), 0, run.said())

  const { state, trials } = await readRun(out)
  assert.equal(state, 'complete')
  const [stage] = trials[0]?.stages ?? []
  assert.ok(stage && trials[0]?.audit?.passed)
  assert.ok(stage.holdS > 3 && stage.holdS < 60, `${stage.holdS} s`)
  const accounts = Math.abs(stage.littlesLaw.residual) < 0.05
  assert.ok(
    accounts || limitedByRunner(stage),
    'the figures account for the users, or the runner was late',
  )
  assert.ok((stage.all.maxMs ?? NaN) < 10_000, 'no latency is an hour')
  assert.equal(stage.outcomes.failed, 0)
  assert.ok((stage.cpu.app?.cores ?? NaN) > 0 && (stage.cpu.app?.cores ?? NaN) < 8)

  const rows = (await readFile(join(out, 'telemetry.csv'), 'utf8')).trim().split(/\r?\n/).slice(1)
  const times = rows.filter((row) => row.includes(',app,')).map((row) => Number(row.split(',')[4]))
  assert.ok(times.length >= 3)
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  )
  assert.ok((times.at(-1) ?? NaN) < 10, `${times.at(-1)} s`)
  assert.deepEqual(await leftBehind(folder), [])
})

test('the clock of that test does jump', () => {
  const script =
    'const a = Date.now(); setTimeout(() => console.log(Math.abs(Date.now() - a) > 3e6), 750)'
  const { stdout } = spawnSync(process.execPath, ['--import', JUMPING, '-e', script])
  assert.equal(String(stdout).trim(), 'true')
})
