import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runCli } from '../../runner/cli.ts'
import { runArguments } from '../../runner/cli/probe.ts'
import { UsageError } from '../../runner/cli/options.ts'
import { newConnections } from '../../runner/report/probe.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { type StartedPostgres, startPostgres } from '../../runner/testbed/embedded/postgres.ts'
import { withConnection } from '../../runner/testbed/database.ts'
import { type Connects, startItems } from '../fixtures/items/service.ts'
import { startRun } from '../testbed/runs.ts'

let folder: string
let postgres: StartedPostgres
let databaseUrl: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'probe-'))
  postgres = await startPostgres()
  databaseUrl = postgres.url.replace(/postgres$/, 'items')
  await withConnection(postgres.url, (admin) => admin.query('CREATE DATABASE items'))
  await withConnection(databaseUrl, (client) =>
    client.query('CREATE TABLE kept AS SELECT 7 AS seven'),
  )
})
after(async () => {
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

const SHORT = ['--users', '6', '--think', '20ms', '--hold', '3s', '--warm-up', '1s', '--no-search']

const COUNTED: readonly (readonly [Connects, number, RegExp])[] = [
  ['for each request', 1, /Opens a connection for each request: yes/],
  ['once', 0, /Opens a connection for each request: no/],
  ['never', 0, /Opens a connection for each request: no/],
]

for (const [connects, expected, said] of COUNTED) {
  test(`the connections of a service that connects ${connects} are counted, and nothing is changed`, async () => {
    await using service = await startItems(databaseUrl, connects)
    const out = join(folder, connects.replaceAll(' ', '-'))
    const args = ['probe', service.url, '/items', '/items/7', '--database-url', databaseUrl]
    const run = startRun(folder, [...args, ...SHORT, '--out', out, '--pid', String(process.pid)])
    assert.equal(await run.ended(), 0, run.said())
    assert.match(run.said(), said)
    assert.match(run.said(), /by number of users/)
    const { trials, configuration } = await readRun(out)
    const figure = newConnections(trials.flatMap(({ stages }) => stages)) ?? NaN
    assert.ok(Math.abs(figure - expected) <= 0.05, `${figure} connections a request`)
    assert.ok((trials[0]?.stages[0]?.cpu.app?.usPerRequest ?? 0) > 20, 'the CPU of --pid')
    const [stage] = trials[0]?.stages ?? []
    assert.deepEqual(Object.keys(stage?.endpoints ?? {}), ['items', 'items-7'])
    // A machine that has no time for the runner has no valid stage, whose steps are shown.
    if (stage?.validity.valid) assert.match(run.said(), /by step at 6 users[\s\S]*^items-7 +\d/m)
    assert.deepEqual(configuration.paths, ['/items', '/items/7'])
    assert.ok(service.asked.every((one) => /^GET \/(items|items\/7|healthz)$/.test(one)))
    const { rows } = await withConnection(databaseUrl, (client) =>
      client.query('SELECT seven FROM kept'),
    )
    assert.deepEqual(rows, [{ seven: 7 }])
  })
}

test('a service without a database is searched for its crossing, in users that are few at first', async () => {
  await using service = await startItems()
  const out = join(folder, 'alone')
  const quick = ['--hold', '1s', '--warm-up', '100ms', '--think', '20ms', '--threshold', '5ms']
  const run = startRun(folder, ['probe', `${service.url}/items?all=1`, ...quick, '--out', out], {
    COLUMNS: '500',
  })
  assert.equal(await run.ended(), 0, run.said())
  assert.doesNotMatch(run.said(), /Opens a connection/)
  const { trials, configuration, crossings } = await readRun(out)
  assert.ok(run.said().includes(crossings[0]?.text ?? '?'), run.said())
  assert.deepEqual(configuration.users, [20, 40])
  assert.deepEqual(configuration.scenario?.endpoints, ['items-all-1'])
  assert.equal(trials[0]?.state, 'complete')
  assert.ok(trials[0].stages.length >= 2)
})

test('what was measured before Ctrl-C is shown and kept', async () => {
  await using service = await startItems()
  const out = join(folder, 'cut')
  const args = ['--users', '2,3,4,5,6,7,8', '--hold', '2s', '--no-search', '--out', out]
  const run = startRun(folder, ['probe', service.url, '/items', ...args])
  await run.until(/ 3 users/)
  run.child.kill('SIGINT')
  assert.equal(await run.ended(), 130, run.said())
  assert.match(run.said(), /by number of users[\s\S]*^ *2 +\d/m)
  assert.ok(((await readRun(out)).trials[0]?.stages.length ?? 0) >= 1)
})

/** What stands in the way, and what is said of it. */
const REFUSED: readonly (readonly [string, number, Record<string, string>, RegExp])[] = [
  [
    'redirects to a login',
    302,
    { location: '/login' },
    /leads to \/login[\s\S]*redirects[\s\S]*env: TOKEN/,
  ],
  ['has no such path', 404, {}, /status-404[\s\S]*Is the path right/],
  ['wants to know who asks', 401, {}, /status-401[\s\S]*journey file with a header/],
]

for (const [what, status, headers, said] of REFUSED) {
  test(`a service that ${what} is told so before any load, and leaves nothing`, async () => {
    await using service = await startItems(null, 'never', (_, response) => {
      response.writeHead(status, headers).end()
      return true
    })
    const out = join(folder, `refused-${status}`)
    await assert.rejects(runCli(['probe', service.url, '/items', '--out', out], {}), said)
    assert.deepEqual(service.asked, ['GET /items'])
    assert.ok(!(await readdir(folder)).includes(`refused-${status}`))
  })
}

test('a service that is not there is told so', async () => {
  const nobody = await startItems()
  await nobody[Symbol.asyncDispose]()
  await assert.rejects(
    runCli(['probe', nobody.url, '/items'], {}),
    /nothing listens at 127\.0\.0\.1/,
  )
})

test('a journey that has a database made is refused: a probe changes nothing', async () => {
  const file = join(folder, 'made.yaml')
  await writeFile(
    file,
    'name: made\nsteps: [{ endpoint: items, method: GET, path: /items }]\ndatabase: { name: items, sql: [kept.sql] }\n',
  )
  await writeFile(join(folder, 'kept.sql'), 'SELECT 1')
  const args = ['probe', 'http://127.0.0.1:9', '--journey', file, '--database-url', databaseUrl]
  await assert.rejects(runCli(args, {}), UsageError)
  const kept = await withConnection(databaseUrl, (client) => client.query('SELECT * FROM kept'))
  assert.equal(kept.rows.length, 1)
})

test('the line of a probe is one of run', () => {
  assert.deepEqual(runArguments(['http://a:1/x', '/b', '--think', '1s', '--no-search']), [
    '--profile',
    'probe',
    '--target',
    'service=http://a:1/x',
    '--get',
    '/b',
    '--think=1s',
    '--no-search',
  ])
  assert.deepEqual(runArguments(['http://a:1/x?q=2']).slice(2), [
    '--target',
    'service=http://a:1',
    '--get',
    '/x?q=2',
  ])
  for (const wrong of [
    [],
    ['/items'],
    ['http://a:1', '--profile', 'quick'],
    ['http://a', '--arms', 'x'],
  ])
    assert.throws(() => runArguments(wrong), UsageError, wrong.join(' '))
})
