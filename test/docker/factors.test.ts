import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import type { Run } from '../../runner/measurement/run.ts'
import type { Trial } from '../../runner/measurement/trial.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { skipWithoutEngine } from './engine.ts'
import { BUILD, build, containerOf, docker, KIT, type Outcome, tell } from './kit.ts'

/**
 * One arm of each kind that the groups add: what differs within a kind is a number. These are asked for the
 * contract alone; kinds that checkout.test.ts measures are asked there.
 */
const ASKED = [
  'pooler-session-pooled',
  'pooler-transaction-django-per-request',
  'handshake-md5-tls-pooled',
  'commits-4',
  'commits-django-4',
  'postgres-18-pooled',
]
/** Something else of these is looked at, of which keeping the contract is a part. */
const ARMS = [
  ...ASKED,
  'pooler-none-per-request',
  'pooler-transaction-per-request',
  'pooler-transaction-pooled',
  'handshake-scram-pooled',
  'handshake-scram-tls-pooled',
  'handshake-scram-17-direct-pooled',
  'distance-direct-pooled',
  'distance-5-pooled',
  'workers-4x30',
  'django-pool-persistent',
  'django-pool-own',
]
const PROJECT = `samehost-factors-${process.pid}`
const ENV = {
  COMPOSE_PROJECT_NAME: PROJECT,
  ARMS: ARMS.join(','),
  SAMEHOST_PORT: '0',
  PROFILE: 'smoke',
}

/** The same service under ASGI, asked 400 times by 20 at once: how many connections are there at most? */
const ASGI_LEAVES = `
import subprocess, time, urllib.request
from concurrent.futures import ThreadPoolExecutor
import django
from django.conf import settings
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "commerce.settings"
django.setup()
import psycopg
place = settings.DATABASES["default"]
watch = psycopg.connect(host=place["HOST"], port=place["PORT"], user=place["USER"],
    password=place["PASSWORD"], dbname=place["NAME"], autocommit=True)
server = subprocess.Popen(["uvicorn", "commerce.asgi:application", "--port", "8099", "--log-level", "critical"],
    stderr=subprocess.DEVNULL)
def ask(_):
    try:
        urllib.request.urlopen("http://127.0.0.1:8099/products", timeout=20).read()
    except OSError:
        return
while server.poll() is None:
    try:
        urllib.request.urlopen("http://127.0.0.1:8099/healthz").read()
        break
    except OSError:
        time.sleep(0.1)
def connections():
    return watch.execute("SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()"
        " AND usename = current_user").fetchone()[0]
most = 0
with ThreadPoolExecutor(20) as pool:
    for _ in range(20):
        list(pool.map(ask, range(20)))
        most = max(most, connections())
print(most)
server.kill()
`

const compose = (...args: string[]): Promise<Outcome> => docker(['compose', ...args], ENV)
/** In the container of a service that is up. */
const inside = async (service: string, ...command: string[]): Promise<Outcome> =>
  docker(['exec', await containerOf(PROJECT, service), ...command])

/** The groups of arms that differ in one factor, as Compose starts them. */
void suite('the groups of compose/', { skip: await skipWithoutEngine() }, () => {
  let results: string
  /** A container of `bench` in which one command after another runs: Compose takes seconds to start each in its own. */
  let runner: string

  before(async () => {
    results = await mkdtemp(join(KIT, 'results', 'factors-'))
    await build('bench')
    const up = await compose('up', '-d', ...BUILD, '--wait', 'nginx', 'stats-window')
    assert.equal(up.code, 0, up.stderr.slice(-3_000))
    const idle = ['run', '-d', '-T', '--no-deps', '--entrypoint', 'sleep infinity', 'bench']
    const env = { ...ENV, SAMEHOST_RESULTS: results }
    const started = await docker(['compose', ...idle], env)
    assert.equal(started.code, 0, started.stderr)
    runner = started.stdout.trim()
  })

  after(async () => {
    await docker(['rm', '-f', runner])
    await compose('down', '-v', '-t', '2', '--remove-orphans')
    await rm(results, { recursive: true, force: true })
  })

  const bench = (...args: string[]): Promise<Outcome> =>
    docker(['exec', runner, 'sh', 'runner/enter.sh', ...args])

  /** A run of these arms, as its results tell it. */
  async function measured(...args: string[]): Promise<Run> {
    const known = new Set(await readdir(results))
    const done = await bench(...args)
    assert.equal(done.code, 0, done.stdout.slice(-2_000) + done.stderr.slice(-2_000))
    const [made = ''] = (await readdir(results)).filter((name) => !known.has(name))
    return await readRun(join(results, made))
  }

  /** Rows of a statement, a line each. */
  async function sql(service: string, statement: string, more: string[] = []): Promise<string[]> {
    const psql = `PGPASSWORD=$(cat /run/samehost/password) psql -XAtc "${statement}" ${more.join(' ')}`
    const done = await inside(service, 'bash', '-c', psql)
    assert.equal(done.code, 0, done.stderr)
    return done.stdout.trim().split('\n').filter(Boolean)
  }

  const SESSIONS =
    "SELECT ssl, version FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'commerce'"
  const STORED = "SELECT left(rolpassword, 13) FROM pg_authid WHERE rolname = 'commerce'"

  async function keepsContract(arm: string): Promise<void> {
    const { code, stdout, stderr } = await bench('verify', arm)
    assert.equal(code, 0, stdout + stderr)
    assert.match(stdout, /(\d+) of \1 cases of the contract hold/)
  }

  for (const arm of ASKED) test(`${arm} keeps the contract`, () => keepsContract(arm))

  test('TLS is on, of version 1.3, for the arms that say so and for no other', async () => {
    await keepsContract('handshake-scram-tls-pooled')
    const encrypted = await sql('db-scram', SESSIONS, ['-h', 'localhost', '-U', 'postgres'])
    assert.ok(encrypted.length > 0)
    for (const row of encrypted) assert.equal(row, 't|TLSv1.3')
    await keepsContract('handshake-scram-pooled')
    const plain = await sql('db-scram', SESSIONS, ['-h', 'localhost', '-U', 'postgres'])
    assert.ok(plain.length > 0)
    for (const row of plain) assert.equal(row, 'f|')
    await keepsContract('handshake-scram-17-direct-pooled')
    const direct = await sql('db-scram-17', SESSIONS, ['-h', 'localhost', '-U', 'postgres'])
    assert.ok(direct.length > 0)
    for (const row of direct) assert.equal(row, 't|TLSv1.3')
  })

  test('SCRAM is all that its server takes, and md5 what the other stores', async () => {
    const local = ['-h', 'localhost', '-U', 'postgres']
    const ways =
      "SELECT auth_method FROM pg_hba_file_rules WHERE type = 'host' AND address = 'all' AND database = '{all}'"
    assert.deepEqual(await sql('db-scram', ways, local), ['scram-sha-256'])
    assert.deepEqual(await sql('db-scram', STORED, local), ['SCRAM-SHA-256'])
    assert.match((await sql('db-md5', STORED, local)).join(), /^md5/)
  })

  test('PgBouncer in transaction mode: the database sees no connection a request, the clients connect for each', async () => {
    const arms = ['pooler-none-per-request', 'pooler-transaction-per-request']
    const run = await measured(
      '--arms',
      arms.join(','),
      '--users',
      '40',
      '--warm-up',
      '1s',
      '--hold',
      '4s',
    )
    const of = (arm: string) => run.trials.find((trial) => trial.arm === arm)
    for (const arm of arms) assert.equal(of(arm)?.audit?.passed, true)
    const perRequest = (arm: string): number => of(arm)?.stages.at(-1)?.connectionsPerRequest ?? NaN
    // The log that is counted in may come late at an edge of the window: then the stage says so.
    const plain = of('pooler-none-per-request')?.stages.at(-1)
    const opened = perRequest('pooler-none-per-request')
    assert.ok(opened > 0.45, `${opened} a request`)
    if (Math.abs(opened - 1) > 0.1) assert.equal(plain?.validity.valid, false)
    assert.ok(perRequest('pooler-transaction-per-request') < 0.05)
    const [arm] = run.configuration.arms.filter(({ name }) => name === arms[1])
    assert.deepEqual(arm, {
      name: 'pooler-transaction-per-request',
      mode: 'pooled',
      factor: 'PgBouncer, pool mode',
      level: 'transaction',
      from: 'per-request',
    })
    assert.ok(
      run.environment.parts.some(
        ({ part, name }) => part === 'between' && name === 'pgbouncer-transaction',
      ),
    )
  })

  test('the clients of a pooler, by its own count: a pool keeps them, a client for each request does not', async () => {
    const clients = async (): Promise<number> => {
      const at = ['-h', 'pgbouncer-transaction', '-U', 'commerce', '-d', 'pgbouncer']
      const rows = await sql('db', 'SHOW CLIENTS', at)
      return rows.filter((row) => row.split('|')[2] === 'commerce').length
    }
    await tell(PROJECT, 'restart', 'pgbouncer-transaction')
    await keepsContract('pooler-transaction-per-request')
    assert.equal(await clients(), 0)
    await keepsContract('pooler-transaction-pooled')
    assert.ok((await clients()) > 0)
  })

  test('the distance is there, as the runner measures it before the trial', async () => {
    const arms = ['distance-direct-pooled', 'distance-5-pooled']
    const size = ['--users', '10', '--warm-up', '0.5s', '--hold', '2s', '--trials', '2']
    const run = await measured('--arms', arms.join(','), ...size)
    // What else runs on a machine of two cores only adds: of two trials the lesser is nearer to the truth.
    const least = (arm: string, of: (trial: Trial) => number | null | undefined): number =>
      Math.min(...run.trials.filter((trial) => trial.arm === arm).map((trial) => of(trial) ?? NaN))
    const ms = (arm: string): number => least(arm, ({ roundTripMs }) => roundTripMs)
    const added = ms('distance-5-pooled') - ms('distance-direct-pooled')
    assert.ok(added > 5 && added < 9, `${added} ms, and not the distance twice`)
    // An order takes several round trips.
    const orderMs = (arm: string): number =>
      least(arm, ({ stages }) => stages.at(-1)?.endpoints['place-order']?.p50Ms)
    const later = orderMs('distance-5-pooled') - orderMs('distance-direct-pooled')
    assert.ok(later > 10, `${later} ms`)
  })

  test('more connections than the server lets in: 503 to some, counted, and the run ends in order', async () => {
    const load = ['--hosts', 'pinned', '--users', '400', '--think', '0ms', '--hold', '4s']
    const { trials } = await measured('--arms', 'workers-4x30', ...load)
    const [trial] = trials
    assert.equal(trial?.state, 'complete', trial?.problem)
    assert.equal(trial.audit?.passed, true)
    const { outcomes, all } = trial.stages[0] ?? {}
    assert.ok((all?.errors['status-503'] ?? 0) > 0, JSON.stringify({ outcomes, ...all }))
  })

  test('under ASGI, CONN_MAX_AGE leaves connections open with every request, and Django’s own pool does not', async () => {
    const left = async (arm: string): Promise<number> => {
      await keepsContract(arm)
      const done = await inside(arm, 'python', '-c', ASGI_LEAVES)
      assert.equal(done.code, 0, done.stderr)
      return Number(done.stdout)
    }
    const leaked = await left('django-pool-persistent')
    assert.ok(leaked > 30, `${leaked} connections`)
    // Its own ten, and those of the process of this test.
    const kept = await left('django-pool-own')
    assert.ok(kept <= 20, `${kept} connections`)
  })

  test('a pooler that is down is named before anything is measured, with what starts it', async () => {
    await tell(PROJECT, 'stop', 'pgbouncer-session')
    const { code, stderr } = await bench('--arms=pooler-session-pooled')
    assert.equal(code, 1)
    assert.match(
      stderr,
      /pgbouncer-session, .* does not run: .*docker compose up -d pgbouncer-session/,
    )
    await tell(PROJECT, 'start', 'pgbouncer-session')
  })

  test('a level that a service refuses is reported by it, and no arm of that name is measured', async () => {
    const none = await compose(
      'run',
      '--rm',
      '-T',
      '--no-deps',
      '-e',
      'DB_POOL_MAX=0',
      'pool-size-1',
    )
    assert.equal(none.code, 2)
    assert.match(none.stderr + none.stdout, /DB_POOL_MAX=0: give an integer from 1/)
  })
})
