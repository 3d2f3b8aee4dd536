import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  isSecretName,
  parseDatabaseUrl,
  parseTarget,
  shownAddress,
  withoutCredentials,
  withoutSecrets,
  withoutSecretsOf,
} from './address.ts'

const fault = (parsed: ReturnType<typeof parseTarget>): string =>
  'fault' in parsed ? parsed.fault : assert.fail(`taken: ${parsed.url}`)

test('a target is a URL of http or https, without a slash at its end', () => {
  const taken: Readonly<Record<string, string>> = {
    'http://127.0.0.1:8080': 'http://127.0.0.1:8080',
    'http://127.0.0.1:8080/': 'http://127.0.0.1:8080',
    'https://shop.example/api/v1//': 'https://shop.example/api/v1',
    'http://[::1]:80/x': 'http://[::1]/x',
    'http://me:p%40ss@host/': 'http://me:p%40ss@host',
  }
  for (const [text, url] of Object.entries(taken)) assert.deepEqual(parseTarget(text), { url })
})

test('a query or a fragment is refused at once, with the address that would do', () => {
  for (const tail of ['?k=v', '/?', '/api?a=1&b', '#top', '/#', '?k=v#x'])
    assert.match(fault(parseTarget(`http://h:1${tail}`)), /write http:\/\/h:1\//, tail)
})

test('what is no address of a service is refused with the remedy', () => {
  for (const text of ['', 'host:8080', 'localhost', '//host', 'ftp://host', 'file:///x', 'http://'])
    assert.match(fault(parseTarget(text)), /write http:\/\/HOST:PORT/, text)
})

test('a database without a scheme, a host or of another kind is refused, never taken for localhost', () => {
  for (const text of ['postgres://u:p@h', 'postgres://u@h:1/', 'postgresql://h?dbname=commerce'])
    assert.match(
      fault(parseDatabaseUrl(text)),
      /names no database: name that of the services/,
      text,
    )
  for (const text of [
    'localhost/commerce',
    'db.example:5432/commerce',
    'commerce',
    '',
    'mysql://h/x',
    '//h/x',
    'postgres:///commerce',
    'postgres:commerce',
  ])
    assert.match(fault(parseDatabaseUrl(text)), /write postgres:\/\/USER:PASSWORD@HOST/, text)
  for (const url of ['postgres://h/x', 'postgresql://u:p@h:5432/commerce?sslmode=require'])
    assert.deepEqual(parseDatabaseUrl(url), { url })
})

test('no fault repeats a password, however the address was broken', () => {
  const secret = 'hunter2'
  for (const text of [
    `http://me:${secret}@host/?k=v`,
    `http://me:${secret}%@host/`,
    `ftp://me:${secret}@host/`,
    `me:${secret}@host`,
    `http//me:${secret}@host`,
    `http://me:${secret}@/`,
    `http://me:/${secret}@host:port`,
    `http://${secret}@host#x`,
    `postgres://me@host?password=${secret}`,
    `postgres://me@host/?password=a@${secret}`,
    `postgres://me@host/x%?sslpassword=${secret}`,
    `localhost/x?password=${secret}`,
    `me@host:5432/x?password=${secret}`,
  ]) {
    assert.ok(!fault(parseTarget(text)).includes(secret), fault(parseTarget(text)))
    assert.ok(!fault(parseDatabaseUrl(text)).includes(secret), fault(parseDatabaseUrl(text)))
    assert.ok(!shownAddress(`mine=${text}`).includes(secret), text)
  }
})

test('a sentence keeps its other words, paths of packages included', () => {
  const said = 'mine at http://me:x@host/y was not ready; see file:///kit/node_modules/@scope/x'
  const kept = 'mine at http://host/y was not ready; see file:///kit/node_modules/@scope/x'
  assert.equal(withoutCredentials(said), kept)
  const database = 'postgres://role:x@h/commerce and https://token@h'
  assert.equal(withoutCredentials(database), 'postgres://role@h/commerce and https://h')
})

test('a secret is known by its name, wherever the name stands', () => {
  const said =
    'postgres://role@h/x?sslmode=require&password=hunter2&ssl%20=1 PGPASSWORD=hunter2, ' +
    'API_KEY=hunter2 authorization: Basic aHVudGVyMg== DB_PASSWORD_FILE=/run/password width="3"'
  assert.equal(
    withoutCredentials(said),
    'postgres://role@h/x?sslmode=require&password=***&ssl%20=1 PGPASSWORD=*** ' +
      'API_KEY=*** authorization: Basic *** DB_PASSWORD_FILE=/run/password width="3"',
  )
  const settings = '{"password_encryption": "md5", "note": "password_encryption=md5"}'
  assert.equal(withoutCredentials(settings), settings)
  for (const name of ['pass', 'DB_PASS', 'passwd', 'sslpassword', 'AUTH_TOKEN', 'private_key'])
    assert.ok(isSecretName(name), name)
  for (const name of ['sslkey', 'sslmode', 'passed', 'DB_MODE', 'key', 'author', 'passfile'])
    assert.ok(!isSecretName(name), name)
})

test('a token is known by its form, wherever it stands', () => {
  const [head, claims] = [{ alg: 'HS256', typ: 'JWT' }, { sub: '7' }].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  for (const token of [`${head}.${claims}.c2ln-_`, `${head}.${claims}.`])
    assert.equal(withoutCredentials(`{"token":"${token}"}`), '{"token":"***"}')
  const version = 'eyJ is 1.2.3, and eyJhbGciOi.'
  assert.equal(withoutCredentials(version), version)
})

test('a URL is kept with all but its secrets', () => {
  assert.equal(
    withoutSecrets('postgres://role:a@h/x?sslmode=require&password=b&sslpassword=c'),
    'postgres://role@h/x?sslmode=require',
  )
  assert.equal(withoutSecrets('http://token:a@h:1/'), 'http://h:1')
})

test('a service that answers with what was sent to it does not get the password kept', () => {
  const url = 'http://me:p%40ssword@host'
  const echo = `{"authorization":"Basic ${Buffer.from('me:p@ssword').toString('base64')}","as":"p@ssword p%40ssword"}`
  assert.equal(withoutSecretsOf(url, echo), '{"authorization":"Basic ***","as":"*** ***"}')
  assert.equal(withoutSecretsOf('http://host', echo), echo)
})
