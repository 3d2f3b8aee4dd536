import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { readRun } from '../../runner/results/run-folder.ts'
import { token } from '../../scenarios/shop/tokens.ts'
import { eventually } from '../service/testing/database.ts'
import { skipWithoutEngine } from './engine.ts'
import { BUILD, build, containerOf, docker, KIT, type Outcome, tell } from './kit.ts'

const [FASTAPI, KEPT, PER_REQUEST] = [
  'article-fastapi',
  'article-django-persistent',
  'article-django-per-request',
]
const [FOUR_COMMITS, NO_TLS] = ['article-why-kept-4-commits', 'article-why-per-request-no-tls']
const PSYCOPG3 = 'article-why-per-request-psycopg3'
const ARMS = [FASTAPI, KEPT, PER_REQUEST, FOUR_COMMITS, NO_TLS, PSYCOPG3]

const PROJECT = `samehost-article-${process.pid}`
const ENV = {
  COMPOSE_PROJECT_NAME: PROJECT,
  ARMS: ARMS.join(','),
  SAMEHOST_PORT: '0',
  PROFILE: 'smoke',
}
const DJANGO = {
  WEB_CONCURRENCY: '3',
  DB_WORKERS: 1,
  REST_FRAMEWORK: 'on',
  REQUEST_LOG: 'on',
  DEBUG: 'on',
  DB_COMMITS: 'one',
  DB_PORT: 5001,
  DB_TLS_CA: '/run/certificate/ca.crt',
}
const SETTINGS: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
  [FASTAPI]: {
    DB_MODE: 'pooled',
    WEB_CONCURRENCY: '3',
    DB_POOL_MAX: 100,
    DB_POOL_OVERFLOW: 10,
    REQUEST_LOG: 'on',
    DB_COMMITS: 'one',
    DB_PORT: 5001,
    DB_TLS_CA: '/run/certificate/ca.crt',
  },
  [KEPT]: { DB_MODE: 'persistent', DB_CONN_MAX_AGE: '60000ms', ...DJANGO },
  [PER_REQUEST]: { DB_MODE: 'per-request', ...DJANGO },
}

/** The arms of compose/article.yaml, as Compose starts them. */
void suite('the arms as the article ran them', { skip: await skipWithoutEngine() }, () => {
  let results: string
  /** A container of `bench` in which one command after another runs. */
  let runner: string
  let door: string

  before(async () => {
    results = await mkdtemp(join(KIT, 'results', 'article-'))
    await build('bench')
    const up = await docker(['compose', 'up', '-d', ...BUILD, '--wait', 'nginx'], ENV)
    assert.equal(up.code, 0, up.stderr.slice(-3_000))
    const idle = ['run', '-d', '-T', '--no-deps', '--entrypoint', 'sleep infinity', 'bench']
    const started = await docker(['compose', ...idle], { ...ENV, SAMEHOST_RESULTS: results })
    assert.equal(started.code, 0, started.stderr)
    runner = started.stdout.trim()
    const { stdout } = await docker(['port', await containerOf(PROJECT, 'nginx'), '8080'])
    door = `http://${stdout.trim().split('\n')[0]}`
    process.env['TOKEN_SECRET'] = (await inside(FASTAPI, 'cat', '/run/samehost/token')).stdout
  })

  after(async () => {
    await docker(['rm', '-f', runner])
    await docker(['compose', 'down', '-v', '-t', '2', '--remove-orphans'], ENV)
    await rm(results, { recursive: true, force: true })
  })

  const inside = async (service: string, ...command: string[]): Promise<Outcome> =>
    docker(['exec', await containerOf(PROJECT, service), ...command])
  const bench = (...args: string[]): Promise<Outcome> =>
    docker(['exec', runner, 'sh', 'runner/enter.sh', ...args])
  /** Rows of a statement, a line each. */
  async function sql(statement: string): Promise<string[]> {
    const psql = `PGPASSWORD=$(cat /run/samehost/password) psql -h localhost -U postgres -d commerce -XAtc "${statement}"`
    const done = await inside('db-article', 'bash', '-c', psql)
    assert.equal(done.code, 0, done.stderr)
    return done.stdout.trim().split('\n').filter(Boolean)
  }
  const waiting = async (): Promise<number> =>
    Number(await sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))

  /** Holds the first product's row, so that orders for it wait. */
  async function lockFirstProduct() {
    const sleeping = 'SELECT pg_sleep(60)'
    const held = sql(`BEGIN; SELECT FROM products WHERE id = 1 FOR NO KEY UPDATE; ${sleeping}`)
    const released = held.catch(() => undefined)
    const holders = `FROM pg_stat_activity WHERE wait_event = 'PgSleep'`
    await eventually('the row is held', async () => (await sql(`SELECT pid ${holders}`)).length > 0)
    const release = async (): Promise<void> => {
      await sql(`SELECT pg_terminate_backend(pid) ${holders}`)
      await released
    }
    return { release, [Symbol.asyncDispose]: release }
  }

  const orderFirst = (arm: string, number: string): Promise<number | string> =>
    fetch(`${door}/${arm}/orders`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token({ user: 7 })}`,
      },
      body: JSON.stringify({ number, productId: 1, items: [{ id: 1, quantity: 1 }] }),
    }).then(
      ({ status }) => status,
      () => 'cut off',
    )

  // The other two are measured below, which asks for the contract first.
  for (const arm of [FASTAPI, KEPT, PER_REQUEST, PSYCOPG3]) {
    test(`${arm} keeps the contract`, async () => {
      const { code, stdout, stderr } = await bench('verify', arm)
      assert.equal(code, 0, stdout + stderr)
      assert.match(stdout, /(\d+) of \1 cases of the contract hold/)
    })
  }

  test('each says what it goes by, as the article had it', async () => {
    for (const [arm, expected] of Object.entries(SETTINGS)) {
      const health = (await (await fetch(`${door}/${arm}/healthz`)).json()) as {
        settings: Readonly<Record<string, string | number>>
        versions: Readonly<Record<string, string>>
      }
      const { settings, versions } = health
      const said = Object.fromEntries(Object.keys(expected).map((name) => [name, settings[name]]))
      assert.deepEqual(said, expected, arm)
      const [server, version] = arm === FASTAPI ? ['uvicorn', '0.30.'] : ['gunicorn', '22.']
      assert.ok(versions[server]?.startsWith(version), `${server} ${versions[server]}`)
    }
  })

  test('TLS to the database is 1.2, through the distance, and not there where it is off', async () => {
    const sessions = `SELECT DISTINCT ssl, version FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'commerce'`
    assert.equal(await orderFirst(FASTAPI, 'tls'), 201)
    assert.deepEqual(await sql(sessions), ['t|TLSv1.2'])
    await using lock = await lockFirstProduct()
    const answer = orderFirst(NO_TLS, 'no-tls')
    await eventually('it waits', async () => (await waiting()) === 1)
    assert.ok((await sql(sessions)).includes('f|'))
    await lock.release()
    assert.equal(await answer, 201)
  })

  test('Django serves three requests at once and no fourth, FastAPI as many as come', async () => {
    for (const [arm, most] of [
      [KEPT, 3],
      [FASTAPI, 8],
    ] as const) {
      const lock = await lockFirstProduct()
      const orders = Array.from({ length: 8 }, (_, at) => orderFirst(arm, `${arm}-${at}`))
      await eventually(`${most} wait`, async () => (await waiting()) === most)
      let isAnswered = false
      const health = fetch(`${door}/${arm}/healthz`).then(() => (isAnswered = true))
      if (most === 8) await health
      // Each look is a process of its own, which takes longer than an answer would.
      for (const _ of Array.from({ length: 3 })) assert.equal(await waiting(), most, arm)
      assert.equal(isAnswered, most === 8, arm)
      await lock.release()
      await Promise.all([...orders, health])
    }
  })

  test('a log line has request, body, status and answer, and never a password or a token', async () => {
    for (const arm of [FASTAPI, KEPT]) {
      const signIn = await fetch(`${door}/${arm}/sign-in`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'user-7@example.com', password: 'correct horse' }),
      })
      const signed = ((await signIn.json()) as { token: string }).token
      assert.equal(await orderFirst(arm, `logged-${arm}`), 201)
      const console = await docker(['logs', await containerOf(PROJECT, arm)])
      const files = await inside(arm, 'bash', '-c', 'cat /tmp/requests-*.log')
      for (const log of [console.stdout, files.stdout]) {
        const lines = log.split('\n').filter((line) => line.startsWith('{'))
        const logged = lines.find((line) => line.includes(`logged-${arm}`)) ?? '{}'
        const { method, path, body, status, answer } = JSON.parse(logged) as Record<string, string>
        assert.deepEqual([method, path, status], ['POST', '/orders', 201])
        assert.equal((JSON.parse(body ?? '') as { number: string }).number, `logged-${arm}`)
        assert.equal((JSON.parse(answer ?? '') as { status: string }).status, 'completed')
        assert.ok(lines.some((line) => line.includes('"path": "/sign-in"')))
      }
      const all = console.stdout + console.stderr + files.stdout
      for (const secret of ['correct horse', signed, token({ user: 7 }), 'Bearer'])
        assert.ok(!all.includes(secret), `${arm}: ${secret}`)
    }
  })

  test('killed on the way, an order of four commits is left pending; one of one commit leaves nothing', async () => {
    for (const [arm, left] of [
      [FOUR_COMMITS, ['pending']],
      [KEPT, []],
    ] as const) {
      await using lock = await lockFirstProduct()
      const answer = orderFirst(arm, `killed-${arm}`)
      await eventually('the order waits', async () => (await waiting()) === 1)
      await tell(PROJECT, 'kill', arm)
      assert.notEqual(await answer, 201)
      await lock.release()
      await eventually('its session is over', async () => (await waiting()) === 0)
      assert.deepEqual(
        await sql(`SELECT status FROM orders WHERE number = 'killed-${arm}'`),
        left,
        arm,
      )
      await tell(PROJECT, 'start', arm)
    }
  })

  test('levels are confirmed before they are measured', async () => {
    const size = ['--users', '2', '--hold', '2s', '--no-search']
    const done = await bench('--arms', `${FOUR_COMMITS},${NO_TLS}`, ...size)
    assert.equal(done.code, 0, done.stdout.slice(-2_000) + done.stderr.slice(-2_000))
    const [made = ''] = await readdir(results)
    const { trials } = await readRun(join(results, made))
    const said = trials.map(({ arm, identity }) => [arm, identity?.settings])
    const settings = Object.fromEntries(said) as Record<string, Record<string, string>>
    assert.equal(settings[FOUR_COMMITS]?.['DB_COMMITS'], 'each')
    assert.equal(settings[NO_TLS]?.['DB_TLS_CA'], '')
    assert.ok(trials.every(({ state }) => state === 'complete'))
  })
})
