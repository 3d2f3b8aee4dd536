import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runCli } from '../../runner/cli.ts'
import { UsageError } from '../../runner/cli/options.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { type ArmProcess, startArmProcess } from '../../runner/testbed/embedded/arm-process.ts'
import { type StartedPostgres, startPostgres } from '../../runner/testbed/embedded/postgres.ts'
import { startRun } from './runs.ts'
import { SHOP_ENV, shopDatabase } from '../fixtures/shop.ts'

let folder: string
let postgres: StartedPostgres
let service: ArmProcess
let databaseUrl: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'remote-'))
  postgres = await startPostgres()
  const database = shopDatabase(postgres.url, 'of this test')
  await database.recreate()
  databaseUrl = postgres.url.replace(/postgres$/, 'commerce')
  service = await startArmProcess(
    {
      name: 'mine',
      mode: 'per-request',
      entry: 'services/commerce/main.ts',
      environment: { DB_MODE: 'per-request' },
      groups: [],
    },
    database.url,
  )
})
after(async () => {
  await service.stop()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

test('a service that runs elsewhere is measured, its connections counted and its orders audited', async () => {
  const out = join(folder, 'run')
  const options = ['--profile', 'smoke', '--users', '40', '--hold', '4s', '--out', out]
  const target = ['--target', `mine=${service.url}`, '--database-url', databaseUrl]
  assert.equal(await runCli([...options, ...target], SHOP_ENV), 0)
  const { environment, trials } = await readRun(out)
  assert.equal(environment.testbed, 'remote')
  const [trial] = trials
  assert.equal(trial?.audit?.passed, true)
  assert.ok((trial?.audit?.acknowledged ?? 0) > 0)
  const [stage] = trial?.stages ?? []
  const figure = stage?.connectionsPerRequest ?? NaN
  // The log that is counted in may come late at an edge of the window, on both sides of it.
  assert.ok(figure > 0.45 && figure < 1.55, `${figure} connections a request`)
})

test('a target that breaks the contract is not measured: 1, with the cases in the results', async () => {
  const out = join(folder, 'broken')
  const options = ['--profile', 'smoke', '--users', '5', '--hold', '1s', '--out', out]
  const broken = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1')
  await once(broken, 'listening')
  const { port } = broken.address() as AddressInfo
  try {
    const target = ['--target', `bad=http://127.0.0.1:${port}`]
    assert.equal(await runCli([...options, ...target], SHOP_ENV), 1)
  } finally {
    broken.closeAllConnections()
    broken.close()
  }
  const [trial] = (await readRun(out)).trials
  assert.equal(trial?.state, 'aborted')
  assert.equal(trial.stages.length, 0)
  assert.ok(trial.contractFailures.some(({ name }) => name.startsWith('place order')))
})

test('a service that gives less once it is under load has no valid stage', async () => {
  let listings = 0
  // The first two lists are for the checks before the load.
  const isUnderLoad = (asked: string): boolean => asked === 'GET /products' && (listings += 1) > 2
  const door = createServer((asked, answer) => {
    const { method, url = '', headers } = asked
    const passed = request(service.url + url, { method, headers }, (got) => {
      const pieces: Buffer[] = []
      got.on('data', (piece: Buffer) => pieces.push(piece))
      got.on('end', () => {
        const whole = Buffer.concat(pieces)
        const body = isUnderLoad(`${method} ${url}`) ? '{"products":[]}' : whole
        delete got.headers['content-length']
        answer.writeHead(got.statusCode ?? 502, got.headers).end(body)
      })
    })
    passed.on('error', () => answer.destroy())
    asked.pipe(passed)
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  const { port } = door.address() as AddressInfo
  const out = join(folder, 'thin')
  const options = ['--profile', 'smoke', '--users', '20', '--hold', '2s', '--out', out]
  const target = ['--target', `thin=http://127.0.0.1:${port}`]
  try {
    await runCli([...options, ...target, '--database-url', databaseUrl], SHOP_ENV)
  } finally {
    door.closeAllConnections()
    door.close()
  }
  const [trial] = (await readRun(out)).trials
  const [stage] = trial?.stages ?? []
  assert.ok(stage, trial?.problem)
  assert.deepEqual([stage.outcomes.succeeded, stage.validity.valid], [0, false])
  assert.equal(stage.all.errors['invalid-body'], stage.outcomes.failed)
  assert.ok(stage.outcomes.failed > 20)
  assert.ok(stage.validity.reasons.some(({ check }) => check === 'errors'))
})

test('a database of the server itself is never dropped', async () => {
  const target = ['--target', `mine=${service.url}`, '--database-url', postgres.url]
  const run = runCli([...target, '--out', join(folder, 'never')], SHOP_ENV)
  await assert.rejects(run, /names the database postgres: it would be dropped/)
})

test('what will be dropped is said before anything is', async () => {
  const target = ['--target', `mine=${service.url}`, '--database-url', databaseUrl]
  const tiny = ['--profile', 'smoke', '--users', '1', '--hold', '1s', '--out', join(folder, 'said')]
  const run = startRun(folder, [...tiny, ...target])
  const { host } = new URL(databaseUrl)
  await run.until(new RegExp(`The database commerce at ${host} is DROPPED and created again`))
  assert.doesNotMatch(run.said(), /mine .* of 1 trial|1 users/, 'before the first trial')
  assert.equal(await run.ended(), 0, run.said())
})

test('a service whose secret is not given is not asked: the variable is named', async () => {
  for (const args of [
    ['--target', `mine=${service.url}`],
    ['verify', service.url],
  ]) {
    const remedy = /TOKEN_SECRET is not set: .* or in a file that TOKEN_SECRET_FILE names/
    await assert.rejects(runCli(args, {}), remedy)
    const absent = join(folder, 'absent')
    await assert.rejects(
      runCli(args, { TOKEN_SECRET_FILE: absent }),
      /TOKEN_SECRET_FILE=.*absent cannot be read \(ENOENT\): give a file with the secret/,
    )
  }
})

test('bad usage is reported before anything starts', async () => {
  await assert.rejects(runCli(['--users', 'many'], {}), UsageError)
  await assert.rejects(runCli(['dance'], {}), /no command dance/)
})
