import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { serviceVersion, waitUntilReady, settingsIn } from './ready.ts'

async function listening(t: TestContext, server: Server, scheme = 'http'): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const serving = (t: TestContext, answer: RequestListener): Promise<string> =>
  listening(t, createServer(answer))

const saying = (versions: unknown): RequestListener => {
  return (_, response) => response.end(JSON.stringify({ versions }))
}

test('what a service says of its versions is kept where it reads as one, and short', async (t) => {
  const cases: readonly (readonly [versions: unknown, kept: string | null])[] = [
    [{ node: '24.21.0', '@hono/node-server': '2.1.8' }, 'node 24.21.0, @hono/node-server 2.1.8'],
    [{ node: '24', evil: '\u001b[31m1', long: 'x'.repeat(61), nested: { a: 1 } }, 'node 24'],
    [{ node: 'x'.repeat(30e6) }, null],
    [Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`part${at}`, at])), 'part0 0'],
    ['1.2.3', null],
    [null, null],
  ]
  for (const [versions, kept] of cases) {
    const found = await serviceVersion(await serving(t, saying(versions)))
    if (kept === null) assert.equal(found, null)
    else assert.ok(found?.startsWith(kept), String(found))
    assert.ok((found ?? '').length < 2_500)
  }
})

test('a redirect is no readiness, and is not followed', async (t) => {
  let elsewhere = 0
  const url = await serving(t, ({ url: path }, response) => {
    if (path === '/elsewhere') elsewhere += 1
    response.writeHead(path === '/elsewhere' ? 200 : 307, { location: '/elsewhere' }).end()
  })
  const waiting = waitUntilReady('mine', url, { withinMs: 300 })
  await assert.rejects(waiting, /mine at .*\/readyz was not ready in 0\.3 s \(last: status 307\)/)
  assert.equal(elsewhere, 0)
})

test('what no waiting mends ends it at once', async (t) => {
  const url = await serving(t, (_, response) => response.end('x'.repeat(1e6)))
  const startedMs = performance.now()
  await assert.rejects(waitUntilReady('mine', url), /mine: .*a body of more than 64 KiB/)
  assert.ok(performance.now() - startedMs < 5_000)
})

test('a self-signed certificate ends it at once and names the option; with it the service is ready', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'certificate-'))
  t.after(() => rm(folder, { recursive: true }))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const files = ['-keyout', key, '-out', cert, '-days', '1']
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject], {
    stdio: 'ignore',
  })
  const tls = { key: await readFile(key), cert: await readFile(cert) }
  const url = await listening(
    t,
    createSecureServer(tls, (_, response) => response.end()),
    'https',
  )
  await assert.rejects(
    waitUntilReady('mine', url),
    /the certificate of 127\.0\.0\.1:\d+ is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\).*NODE_EXTRA_CA_CERTS=FILE/,
  )
  const script = `
    const { waitUntilReady } = await import(${JSON.stringify(import.meta.resolve('./ready.ts'))})
    await waitUntilReady('mine', ${JSON.stringify(url)})
    console.log('ready')`
  const said = await new Promise<string>((resolve) => {
    const env = { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: cert }
    execFile(process.execPath, ['--input-type=module', '-e', script], { env }, (_, out, err) =>
      resolve(out + err),
    )
  })
  assert.equal(said, 'ready\n')
})

test('of the settings that a service says, what reads as a variable and a value is kept, and no secret', () => {
  const given = '0'.repeat(64)
  const settings = {
    DB_POOL_MAX: 5,
    DB_MODE: 'pooled',
    DB_PASSWORD: 'p',
    API_TOKEN: 't',
    DATABASE_URL: 'postgres://u:p@h/d',
    'not a name': 1,
    LIST: [1],
    CONTROL: '\u001b[2J',
    LONG: 'x'.repeat(201),
  }
  assert.deepEqual(settingsIn(JSON.stringify({ settings, given })), {
    settings: { DB_POOL_MAX: '5', DB_MODE: 'pooled' },
    given,
  })
  assert.deepEqual(settingsIn(JSON.stringify({ settings: {}, given: 'g' })), { settings: {} })
  for (const body of ['', 'null', '[]', '{"settings":[]}', '{"settings":"a"}', '<html>'])
    assert.deepEqual(settingsIn(body), {}, body)
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`A${index}`, index]))
  assert.equal(
    Object.keys(settingsIn(JSON.stringify({ settings: many })).settings ?? {}).length,
    64,
  )
})
