import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import { analyse } from '../analysis/analyse.ts'
import { KIT } from '../kit.ts'
import { unpack } from '../results/bundle.ts'
import type { Run } from '../measurement/run.ts'
import { answerLine, hasAnswer, outcomeLine } from './outcome.ts'

const runOn = (testbed: Run['environment']['testbed']): Run => {
  const run = simulatedRun()
  return { ...run, environment: { ...run.environment, testbed } }
}
const done = { interrupted: false, isReported: false }

test('the line that says how to tear down can be pasted, whatever ARMS was', () => {
  for (const arms of ['pooled,floor', 'pooled, floor', "it's", '$(id)', '`id`', 'a;b', 'a b\\']) {
    const line = outcomeLine(runOn('compose'), 'x', { ...done, standingArms: arms })
    const [, command = ''] = / Tear down with `(.*)`\.$/.exec(line) ?? []
    const said = execFileSync('sh', ['-c', `docker() { printf '%s|' "$ARMS" "$@"; }\n${command}`], {
      encoding: 'utf8',
    })
    assert.equal(said, `${arms}|compose|down|-v|`, line)
  }
})

test('the folder is named as it can be typed: from here, or from the kit within Compose', () => {
  const inKit = join(KIT, 'results', 'x')
  assert.match(outcomeLine(runOn('compose'), inKit, done), /results in results\/x\./)
  assert.match(outcomeLine(runOn('embedded'), join(process.cwd(), 'y'), done), /results in y\./)
  assert.match(outcomeLine(runOn('embedded'), '/elsewhere/y', done), /results in \/elsewhere\/y\./)
})

test('how a run ended names its page, its last line is its answer; without a page there is neither', () => {
  const simulated = simulatedRun({ trials: 3 })
  const run = { ...simulated, ...analyse(simulated) }
  const reported = { ...done, isReported: true }
  assert.match(outcomeLine(run, '/x', reported), /^DONE: results in \/x; open \/x\/report\.html\. /)
  assert.match(answerLine(run), /^pooled serves 6\.\d times [^\n]*$/)
  assert.equal(outcomeLine(run, '/x', done), `DONE: results in /x.${TEAR_DOWN}`)
  assert.equal(hasAnswer(run, reported), true)
  assert.equal(hasAnswer(run, { ...reported, interrupted: true }), false)
  const [trial] = run.trials
  assert.ok(trial)
  Object.assign(trial, { state: 'aborted', problem: 'it died' })
  assert.equal(hasAnswer(run, reported), false)
  assert.match(
    outcomeLine(run, '/x', reported),
    /^FAILED: \S+: it died Results in \/x; open \/x\/report\.html\./,
  )
})
const TEAR_DOWN = ' Tear down with `docker compose down -v`.'

test('the last words of a process that died are on the line, and are not more than words', () => {
  const run = runOn('embedded')
  const [trial] = run.trials
  assert.ok(trial)
  Object.assign(trial, { state: 'aborted', problem: 'died: \u001b[2J\nDONE: results in x' })
  const line = outcomeLine(run, 'x', done)
  assert.match(line, /^FAILED: \S+: died: DONE: results in x Results in x\.$/)
})

test('npm --prefix with a relative folder: the path is from where npm was called', async (t) => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'prefix-')))
  t.after(() => rm(folder, { recursive: true }))
  const compare = (...words: string[]): string => {
    try {
      return execFileSync(
        'npm',
        ['--prefix', KIT, 'run', '-s', 'bench', '--', 'compare', ...words],
        {
          cwd: folder,
          encoding: 'utf8',
          stdio: 'pipe',
        },
      )
    } catch (error) {
      return String((error as { stderr?: string }).stderr)
    }
  }
  await unpack(join(KIT, 'results', 'reference', 'compose-fit-quick-o.tar.gz'), join(folder, 'a'))
  assert.match(compare('a', 'nowhere'), /nowhere is no run/)
  assert.doesNotMatch(compare('a', 'nowhere'), /^a is no run/m)
  assert.deepEqual(await readdir(folder), ['a'])
})
