import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runCli } from '../../runner/cli.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { API_KEY, ITEMS, SESSION, startItems } from '../fixtures/items/service.ts'
import { startRun } from '../testbed/runs.ts'

const ENV = { ITEMS_KEY: API_KEY }
const SHORT = ['--profile', 'smoke', '--users', '4', '--hold', '2s', '--warm-up', '200ms']

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journey-'))
})
after(() => rm(folder, { recursive: true, force: true }))

/** `journey check`: its exit code and all that it wrote. */
async function check(file: string, url: string, env: Record<string, string> = ENV) {
  const run = startRun(folder, ['journey', 'check', file, url], env)
  const code = await run.ended()
  return { code, said: run.said() }
}

/** The journey with something else in it. */
async function changed(name: string, what: string, by: string): Promise<string> {
  const yaml = await readFile(ITEMS, 'utf8')
  assert.ok(yaml.includes(what), what)
  const path = join(folder, `${name}.yaml`)
  await writeFile(path, yaml.replace(what, by))
  return path
}

test('a journey is walked once, and each request and answer is shown without its secrets', async () => {
  await using service = await startItems()
  const { code, said } = await check(ITEMS, service.url)
  assert.equal(code, 0, said)
  assert.equal(service.asked.length, 3)
  const shown = [/1\. sign-in: POST \/sign-in/, /-> 201 in [\d.]+ ms/, /2\. add-item/, /"size":\d/]
  for (const line of shown) assert.match(said, line)
  assert.ok(!said.includes(API_KEY), said)
})

test('a value that never comes is told with its step, its place and the answer', async () => {
  await using service = await startItems()
  const path = await changed('no-value', 'take: { id: /item/id }', 'take: { id: /id }')
  const { code, said } = await check(path, service.url)
  assert.equal(code, 1)
  assert.match(
    said,
    /2\. add-item[\s\S]*"item":\{[\s\S]*FAIL there is no \{id\} at "\/id" in .*item/,
  )
  assert.equal(service.asked.length, 2)
})

test('an answer is shown bounded, and as nothing that a terminal obeys', async () => {
  await using service = await startItems(null, 'never', (_, response) => {
    response.writeHead(500).end(`\u001b[2J\nFAIL ok ${'x'.repeat(50_000)}`)
    return true
  })
  const { code, said } = await check(ITEMS, service.url)
  assert.equal(code, 1)
  assert.ok(said.length < 3_000 && !said.includes('\u001b'), said)
  assert.match(said, /status 500, not 201/)
})

test('a variable that is not set is bad usage, with its line', async () => {
  const { code, said } = await check(ITEMS, 'http://127.0.0.1:9', { ITEMS_KEY: '' })
  assert.equal(code, 2)
  assert.match(said, /journey\.yaml, line 5: ITEMS_KEY is not set/)
})

test('a service of somebody else is measured by a journey, and no secret is in what the run leaves', async () => {
  await using service = await startItems()
  const out = join(folder, 'run')
  const command = `echo "$SAMEHOST_ARM" >> '${join(folder, 'resets')}'`
  const target = ['--target', `mine=${service.url}`, '--journey', ITEMS, '--before-trial', command]
  const run = startRun(folder, [...SHORT, '--trials', '2', ...target, '--out', out], ENV)
  assert.equal(await run.ended(), 0, run.said())
  const { configuration, trials, warnings } = await readRun(out)
  assert.deepEqual(
    [configuration.journey, configuration.beforeTrial, configuration.thinkMs],
    [ITEMS, command, { min: 40, max: 80 }],
  )
  assert.equal(trials.length, 2)
  for (const { state, stages } of trials) {
    assert.equal(state, 'complete')
    assert.ok((stages[0]?.outcomes.succeeded ?? 0) > 20)
    assert.equal(stages[0]?.outcomes.failed, 0)
  }
  assert.equal(await readFile(join(folder, 'resets'), 'utf8'), 'mine\nmine\n')
  assert.equal(warnings.filter((one) => one.includes('nothing is audited')).length, 1)
  const left = await readdir(out, { recursive: true, withFileTypes: true })
  const files = left.filter((entry) => entry.isFile())
  assert.ok(files.length > 4)
  for (const { parentPath, name } of files) {
    const text = await readFile(join(parentPath, name), 'latin1')
    for (const secret of [API_KEY, SESSION])
      assert.ok(!text.includes(secret), `${secret} in ${name}`)
  }
  assert.ok(!run.said().includes(API_KEY) && !run.said().includes(SESSION))
})

test('a command before the trial that fails aborts it by name, and nothing is sent', async () => {
  await using service = await startItems()
  const out = join(folder, 'reset-failed')
  const target = ['--target', `mine=${service.url}`, '--journey', ITEMS]
  const failing = ['--before-trial', 'echo no rule to make reset >&2; exit 2']
  assert.equal(await runCli([...SHORT, ...target, ...failing, '--out', out], ENV), 1)
  const [trial] = (await readRun(out)).trials
  assert.deepEqual([trial?.state, trial?.abortedBy], ['aborted', 'before-trial'])
  assert.match(trial?.problem ?? '', /--before-trial ended with exit code 2: no rule to make reset/)
  assert.deepEqual(service.asked, [])
})

test('a journey and its command go with a target alone', async () => {
  const own = ['--journey=a.yaml', '--get=/', '--before-trial=true', '--pid=1']
  for (const option of own) {
    const [name] = option.split('=')
    await assert.rejects(runCli([option], ENV), new RegExp(`${name} goes with --target`))
  }
})
