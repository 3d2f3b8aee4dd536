import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runCli } from '../../runner/cli.ts'
import { UsageError } from '../../runner/cli/options.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { NOTES, startNotes } from '../fixtures/notes/service.ts'

// A scenario that is not the shop goes the whole way: by its file alone, with no change in the runner.

const ENV = { SAMEHOST_SCENARIO: NOTES }
const ENDPOINTS = ['list-notes', 'add-note', 'read-note']
const SMALL = ['--profile', 'smoke', '--users', '6', '--hold', '2s']

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notes-'))
})
after(() => rm(folder, { recursive: true, force: true }))

for (const loaders of [1, 2]) {
  test(`another service is measured by its scenario, from ${loaders} process(es) to the report`, async () => {
    using service = await startNotes()
    const out = join(folder, `run-${loaders}`)
    const target = ['--target', `notes=${service.url}`, '--loaders', String(loaders)]
    assert.equal(await runCli([...SMALL, ...target, '--out', out], ENV), 0)

    const { configuration, trials } = await readRun(out)
    assert.deepEqual(configuration.scenario, { name: 'notes', endpoints: ENDPOINTS })
    const [trial] = trials
    assert.equal(trial?.state, 'complete', trial?.problem)
    assert.equal(trial.audit, null)
    const [stage] = trial.stages
    assert.ok(stage && stage.outcomes.succeeded > 20)
    assert.deepEqual([stage.outcomes.failed, Object.keys(stage.endpoints)], [0, ENDPOINTS])
    for (const endpoint of ENDPOINTS) {
      const answered = service.served.filter((one) => one.endpoint === endpoint).length
      const counted = stage.endpoints[endpoint]?.requests ?? 0
      assert.ok(counted > 5 && counted <= answered, `${endpoint}: ${counted} of ${answered}`)
    }
    assert.ok(service.served.every(({ status }) => status < 300))

    const csv = await readFile(join(out, 'stages.csv'), 'utf8')
    const rows = csv.split('\r\n').slice(1, -1)
    const named = rows.map((row) => row.split(',')[11])
    assert.deepEqual(named, ['all', ...ENDPOINTS])
    const page = await readFile(join(out, 'report.html'), 'utf8')
    assert.match(page, /goes through list notes, add note, read note, and pauses/)
    assert.match(page, /as the scenario notes expects it/)
    assert.doesNotMatch(page, /list.products|place.order|an order costs/)
  })
}

test('a service whose answer is not what its scenario expects is not measured: the step is named', async () => {
  using service = await startNotes((endpoint, body) =>
    endpoint === 'read-note' ? { ...body, to: 'somebody else' } : body,
  )
  const out = join(folder, 'wrong')
  const target = ['--target', `notes=${service.url}`]
  assert.equal(await runCli([...SMALL, ...target, '--out', out], ENV), 1)
  const [trial] = (await readRun(out)).trials
  assert.deepEqual([trial?.abortedBy, trial?.stages.length], ['contract', 0])
  const [failure, ...more] = trial?.contractFailures ?? []
  assert.deepEqual(more, [])
  assert.match(
    failure?.got ?? '',
    /^invalid-body: .*an object with id, to, text, rank.*"at":"\/to"/,
  )
  assert.match(failure?.name ?? '', /^read-note, as the load sends it \(GET \/notes\/note%203\)/)
  assert.match(failure?.remedy ?? '', /the scenario notes/)
})

test('a run of one scenario is not resumed with another', async () => {
  const resumed = ['--resume', join(folder, 'wrong'), '--target', 'notes=http://127.0.0.1:9']
  const env = { TOKEN_SECRET: 'of no use here' }
  await assert.rejects(runCli(resumed, env), /of the scenario notes, this is shop/)
})

test('users of a scenario that has no sign-in are not asked to', async () => {
  const run = runCli(['--target', 'notes=http://127.0.0.1:9', '--sign-in'], ENV)
  await assert.rejects(run, /--sign-in: users of the scenario notes do not sign in/)
})

test('a scenario that does not exist is bad usage, before anything is started', async () => {
  const run = runCli(['--target', 'notes=http://127.0.0.1:9'], { SAMEHOST_SCENARIO: 'none.yaml' })
  await assert.rejects(
    run,
    (error) => error instanceof UsageError && /none\.yaml cannot be read/.test(error.message),
  )
})
