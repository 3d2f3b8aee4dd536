import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { COMMAND_NAMES, help } from '../runner/cli/help.ts'
import type { answerJson } from '../runner/cli/print.ts'
import { unpack } from '../runner/results/bundle.ts'
import { KIT } from './docker/kit.ts'
import { SHOP_ENV } from './fixtures/shop.ts'

/** A command as a user types it, which starts nothing. */
function typed(words: string, env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`${KIT}runner/main.ts`, ...words.split(' ').filter(Boolean)],
    { env: { ...process.env, ...SHOP_ENV, COLUMNS: '80', ...env }, encoding: 'utf8' },
  )
  return { code: status, stdout, stderr }
}

test('the help of a command is of that command alone, whichever way it is asked for', () => {
  for (const command of COMMAND_NAMES) {
    const own = help(80, command)
    assert.match(own, new RegExp(`^ {2}npm run bench -- \\[?${command}\\b`))
    for (const other of COMMAND_NAMES)
      if (other !== command)
        assert.ok(!own.includes(`npm run bench -- ${other}`), `${command}: ${other}`)
    assert.ok(own.split('\n').every((line) => line.length <= 80))
  }
  for (const words of ['report --help', 'help report', 'report results/x -h']) {
    const { code, stdout } = typed(words)
    assert.deepEqual([code, stdout], [0, help(80, 'report')], words)
  }
  assert.equal(typed('--help').stdout, help(80))
})

for (const [words, says] of [
  ['verfy pooled', /There is no command verfy\. Did you mean verify\?/],
  ['repot --help', /There is no command repot\. Did you mean report\?/],
  ['verify poled', /there is no poled here\. Did you mean pooled\?/],
  ['verify persistant', /Did you mean persistent\?/],
  ['vary poled DB_POOL_MAX=2,5', /there is no such arm\. Did you mean pooled\?/],
  ['--arms poled', /there is no poled here\. Did you mean pooled\?/],
  ['--arms refrence', /Did you mean reference\?/],
] as const)
  test(`${words}: the nearest name is said, and where the help is`, () => {
    const { code, stderr } = typed(words)
    assert.equal(code, 2)
    assert.match(stderr, says)
    assert.match(stderr, /^Help: npm run bench -- .*--help$/m)
  })

test('an arm, or a group, that needs a container is said to, with what to type', () => {
  for (const [words, command] of [
    ['--arms pooled,go-pooled', 'ARMS=pooled,go-pooled docker compose up --build bench'],
    ['--arms article', 'ARMS=article docker compose up --build bench'],
    ['verify go-pooled', 'ARMS=go-pooled docker compose run --rm --build bench verify go-pooled'],
  ] as const) {
    const { code, stderr } = typed(words)
    assert.equal(code, 2)
    assert.ok(stderr.includes(`runs in a container only: ${command}\n`), stderr)
  }
})

test('what run.json cannot hold is refused before anything is started', () => {
  const url = `http://127.0.0.1:9/${'a'.repeat(20_000)}`
  const { code, stderr } = typed(`--profile smoke --target a=${url}`)
  assert.equal(code, 2)
  assert.match(stderr, /cannot be kept in run\.json: targets 0 url/)
})

test('an error is printed once, though its cause has the same words', () => {
  const { code, stderr } = typed(`--profile smoke --out ${KIT}package.json`)
  assert.equal(code, 1)
  assert.equal(stderr.split('EEXIST').length, 2, stderr)
})

test('in Compose a command that measures nothing says that the containers stay up', () => {
  const inCompose = { SAMEHOST_TESTBED: 'compose', ARMS: 'pooled,mine' }
  const says = /containers stay up\. Tear down with `ARMS=pooled,mine docker compose down -v`\./
  for (const words of ['verify http://127.0.0.1:9', 'report /nowhere', 'compare /nowhere /nowhere'])
    assert.match(typed(words, inCompose).stderr, says, words)
  assert.doesNotMatch(typed('report /nowhere').stderr, /stay up/)
})

test('report prints the answer, the ramp and the page; quietly the answer alone; as JSON nothing else', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'print-'))
  t.after(() => rm(folder, { recursive: true }))
  const run = join(folder, 'run')
  await unpack(join(KIT, 'results', 'reference', 'embedded-fit-quick-e.tar.gz'), run)
  const [brief, verbose, quiet, json] = ['', ' --verbose', ' --quiet', ' --json'].map((more) => {
    const { code, stdout } = typed(`report ${run}${more}`)
    assert.equal(code, 0)
    return stdout
  })
  assert.ok(brief && verbose && quiet && json)
  const last = (text: string) => text.trimEnd().split('\n').at(-1) ?? ''
  const said = JSON.parse(json) as ReturnType<typeof answerJson>
  assert.equal(last(brief), said.answer.conclusion)
  assert.equal(last(verbose), said.answer.conclusion)
  assert.equal(quiet.trimEnd().split('\n').length, 1)
  assert.ok(quiet.includes(said.answer.conclusion))
  assert.ok(brief.includes(said.report) && said.report.endsWith('report.html'))
  assert.deepEqual(
    [said.ratios.map(({ over, under }) => [over, under]), said.crossings.length],
    [[['pooled', 'per-request']], 3],
  )
  assert.ok(verbose.length > 4 * brief.length)
  assert.equal(typed(`report ${run} --quiet --json`).code, 2)
})
