import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Config, MODES, readConfig } from './config.ts'

const noFile = (path: string): string => {
  throw new Error(`ENOENT: ${path}`)
}
const TOKEN_SECRET = 'a secret of this test alone, of many bytes'
const GIVEN = { TOKEN_SECRET, DATABASE_URL: 'postgres://u:p@db:5432/shop' }

function read(env: Record<string, string>, file = noFile): Config {
  const config = readConfig(env, file)
  assert.ok(!('faults' in config), JSON.stringify(config))
  return config
}

function faults(env: Record<string, string>): readonly string[] {
  const config = readConfig(env, noFile)
  return 'faults' in config ? config.faults : []
}

test('the database and the secret of the tokens have to be given; all else has a default', () => {
  const { identity, settings: said, ...config } = read(GIVEN)
  assert.equal(identity.arm, undefined)
  assert.equal(said.settings['DB_POOL_MAX'], 10)
  assert.deepEqual(config, {
    host: '0.0.0.0',
    port: 3000,
    drainTimeoutMs: 10_000,
    tokenSecret: TOKEN_SECRET,
    database: {
      url: 'postgres://u:p@db:5432/shop',
      tls: undefined,
      mode: 'pooled',
      commits: 'one',
      prepare: false,
      poolMax: 10,
      workers: 10,
      connectionMaxAgeMs: 60_000,
      queueMax: 4_000,
      acquireTimeoutMs: 5_000,
      connectTimeoutMs: 3_000,
      statementTimeoutMs: 5_000,
      transactionTimeoutMs: 5_000,
    },
  })
})

test('every fault is reported at once, each with its remedy, and none shows the password', () => {
  const reported = faults({
    TOKEN_SECRET: 'secret too short',
    DATABASE_URL: 'mysql://u:secret@db/shop',
    PORT: '70000',
    DB_MODE: 'magic',
    DB_POOL_MAX: 'many',
    DB_WORKERS: '0',
    DB_STATEMENT_TIMEOUT: '5',
    DB_CONN_MAX_AGE: '0s',
    DB_PASSWORD_FILE: '/none',
  })
  assert.equal(reported.length, 9)
  assert.ok(
    reported.every((fault) => /: give /.test(fault)),
    reported.join('\n'),
  )
  assert.ok(!reported.join().includes('secret'))
})

test('a variable of its own prefix that it does not know is refused by name, and no value is shown', () => {
  const reported = faults({ ...GIVEN, DB_POOLMAX: '5', DB_PASWORD: 'secret' })
  assert.equal(reported.length, 2)
  assert.match(reported.join('\n'), /DB_POOLMAX is no variable of this service: .*DB_POOL_MAX,/)
  assert.ok(!reported.join().includes('secret'))
  // Beside a whole URL its parts are not asked for, and known all the same.
  assert.deepEqual(faults({ ...GIVEN, DB_PORT: '1', DB_NAME: 'x', OTHER: 'y' }), [])
})

test('it says what it goes by in its mode, under the names of the variables, and no secret', () => {
  const env = {
    ...GIVEN,
    DATABASE_URL: 'postgres://u:secret@db:6543/shop',
    DB_WORKERS: '007',
    DB_POOL_MAX: '3',
    DB_PASSWORD: 'secret',
    NODE_OPTIONS: '--max-old-space-size=100',
  }
  const said = (mode: string) => read({ ...env, DB_MODE: mode }).settings.settings
  assert.deepEqual(said('pooled'), {
    DB_MODE: 'pooled',
    DB_POOL_MAX: 3,
    DB_PREPARE: 'off',
    DB_COMMITS: 'one',
    DB_HOST: 'db',
    DB_PORT: 6543,
    DB_QUEUE_MAX: 4_000,
    DB_ACQUIRE_TIMEOUT: '5000ms',
    DB_CONNECT_TIMEOUT: '3000ms',
    DB_STATEMENT_TIMEOUT: '5000ms',
    DB_TRANSACTION_TIMEOUT: '5000ms',
    NODE_OPTIONS: '--max-old-space-size=100',
  })
  assert.equal(said('per-request')['DB_WORKERS'], 7)
  assert.equal(said('persistent')['DB_CONN_MAX_AGE'], '60000ms')
  for (const mode of MODES) assert.ok(!JSON.stringify(said(mode)).includes('secret'))
})

test('the digest is of what it was given: a default that is given is another, a password is not in it', () => {
  const given = (env: Record<string, string>) => read({ ...GIVEN, ...env }).settings.given
  assert.match(given({}), /^[0-9a-f]{64}$/)
  assert.equal(given({ DB_PASSWORD: 'a' }), given({ DB_PASSWORD: 'b', ARM_NAME: 'pooled' }))
  assert.notEqual(given({}), given({ DB_POOL_MAX: '10' }))
  assert.equal(
    given({ DB_POOL_MAX: '5', DB_MODE: 'pooled' }),
    given({ DB_MODE: 'pooled', DB_POOL_MAX: '5' }),
  )
})

test('with a certificate the connection is encrypted; without one nothing of TLS is silently left out', () => {
  const env = { ...GIVEN, DB_TLS_CA: '/ca.crt' }
  assert.deepEqual(read(env, () => 'PEM').database.tls, { ca: 'PEM', negotiation: 'postgres' })
  const direct = { ...env, DB_TLS_NEGOTIATION: 'direct' }
  assert.equal(read(direct, () => 'PEM').database.tls?.negotiation, 'direct')
  assert.match(faults(env).join(), /^DB_TLS_CA=\/ca.crt: give .*ENOENT/)
  assert.match(faults({ ...GIVEN, DB_TLS_NEGOTIATION: 'direct' }).join(), /give DB_TLS_CA/)
})

test('each process has an id of its own, and the name that it is given', () => {
  const env = { ...GIVEN, ARM_NAME: 'per-request' }
  const [one, other] = [read(env).identity, read(env).identity]
  assert.equal(one.arm, 'per-request')
  assert.match(one.instance, /^[0-9a-f]{16}$/)
  assert.notEqual(one.instance, other.instance)
  assert.match(faults({ ...GIVEN, ARM_NAME: 'a\r\nb' }).join(), /^ARM_NAME=/)
})

test('statements are prepared in each mode or in none: it is no part of the mode', () => {
  for (const DB_MODE of MODES) {
    assert.equal(read({ ...GIVEN, DB_MODE }).database.prepare, false)
    assert.equal(read({ ...GIVEN, DB_MODE, DB_PREPARE: 'on' }).database.prepare, true)
  }
  assert.match(faults({ ...GIVEN, DB_PREPARE: 'true' }).join(), /^DB_PREPARE=true: give one of/)
})

test('nothing given is one fault for the database, not one for each part, and one for the secret', () => {
  assert.equal(faults({}).length, 2)
})

const parts = { TOKEN_SECRET, DB_HOST: 'db', DB_USER: 'ann', DB_NAME: 'shop' }
const urls: [name: string, env: Record<string, string>, url: string][] = [
  ['parts', parts, 'postgres://ann@db:5432/shop'],
  ['a port', { ...parts, DB_PORT: '6000' }, 'postgres://ann@db:6000/shop'],
  [
    'a name like its user',
    { TOKEN_SECRET, DB_HOST: 'db', DB_USER: 'ann' },
    'postgres://ann@db:5432/ann',
  ],
  [
    'a password',
    { ...parts, DB_PASSWORD: 'a@b/c?#%' },
    'postgres://ann:a%40b%2Fc%3F%23%25@db:5432/shop',
  ],
  ['an address of IPv6', { ...parts, DB_HOST: '::1' }, 'postgres://ann@[::1]:5432/shop'],
  [
    'an empty URL, as Compose gives it',
    { ...parts, DATABASE_URL: ' ' },
    'postgres://ann@db:5432/shop',
  ],
]
for (const [name, env, url] of urls) {
  test(`the database by its parts: ${name}`, () => assert.equal(read(env).database.url, url))
}

test('the secret of the tokens from a file goes before any other, and is as long as its hash at least', () => {
  const env = { ...GIVEN, TOKEN_SECRET_FILE: '/run/secret' }
  const secret = 'x'.repeat(32)
  assert.equal(read(env, () => `${secret}\n`).tokenSecret, secret)
  assert.match(faults({ ...GIVEN, TOKEN_SECRET: 'x'.repeat(31) }).join(), /^TOKEN_SECRET: give 32/)
})

test('a password from a file goes before any other, without the line end of the file', () => {
  const env = { ...GIVEN, DB_PASSWORD_FILE: '/run/secret' }
  assert.equal(read(env, () => 's e\n').database.url, 'postgres://u:s%20e@db:5432/shop')
})

const durations: [text: string, ms: number | undefined][] = [
  ['1ms', 1],
  ['1.5s', 1_500],
  ['2m', 120_000],
  ['5', undefined],
  ['5 s', undefined],
  ['-5s', undefined],
  ['1h', undefined],
  ['11m', undefined],
]
for (const [text, ms] of durations) {
  test(`a time-out of ${text} is ${ms === undefined ? 'refused' : `${ms} ms`}`, () => {
    const env = { ...GIVEN, DB_STATEMENT_TIMEOUT: text }
    if (ms === undefined) assert.equal(faults(env).length, 1)
    else assert.equal(read(env).database.statementTimeoutMs, ms)
  })
}
