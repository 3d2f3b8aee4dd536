import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openEngineWindow } from './engine-window.ts'

async function windowThat(t: TestContext, answer: RequestListener): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'window-'))
  const socketPath = join(folder, 'window.sock')
  const server = createServer(answer).listen(socketPath)
  await once(server, 'listening')
  t.after(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  })
  return socketPath
}

test('the window is read by its socket, as it was asked', async (t) => {
  const asked: string[] = []
  const socketPath = await windowThat(t, (request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['content-length'] ?? '-'}`)
    response.writeHead(200, { 'x-engine': 'Docker/26.1.5 (linux)' }).end('[]')
  })
  const engine = await openEngineWindow(socketPath, assert.fail)
  assert.equal(engine?.version, 'Docker/26.1.5 (linux)')
  assert.deepEqual(await engine.containers(), [])
  await engine.restart('abc')
  await engine.setCpuLimit('abc', { periodUs: 10_000, quotaUs: 5_000 })
  assert.deepEqual(asked.slice(1), [
    'GET /containers/json -',
    'POST /containers/abc/restart 0',
    'POST /containers/abc/update 35',
  ])
})

for (const [what, answer, reason] of [
  [
    'an answer without end',
    (_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, '['))) continue
      }
      response.on('drain', more)
      more()
    },
    /more than 4096 KiB/,
  ],
  [
    'a refusal',
    (_, response) => response.writeHead(403).end('no'),
    /answered 403: no reason given/,
  ],
] as const satisfies readonly (readonly [string, RequestListener, RegExp])[]) {
  test(`${what} of the window is no window, and why is said`, async (t) => {
    const socketPath = await windowThat(t, answer)
    const said: string[] = []
    assert.equal(await openEngineWindow(socketPath, (text) => said.push(text)), null)
    assert.match(said.join(), reason)
  })
}

test('an answer nested without end is refused, and not parsed', async (t) => {
  let first = true
  const socketPath = await windowThat(t, (_, response) => {
    response.end(first ? '[]' : '['.repeat(1e6))
    first = false
  })
  const engine = await openEngineWindow(socketPath, assert.fail)
  await assert.rejects(engine?.containers() ?? Promise.resolve(), /nested more than 32 deep/)
})

test('a window that is gone is named by its container and its socket', async (t) => {
  const socketPath = await windowThat(t, () => {})
  await rm(socketPath)
  const said: string[] = []
  assert.equal(await openEngineWindow(socketPath, (reason) => void said.push(reason)), null)
  assert.deepEqual(said, [
    `the container stats-window does not listen (at ${socketPath}); ` +
      '`docker compose logs stats-window` says why.',
  ])
})
