import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net'
import { type TestContext, test } from 'node:test'
import { KIT } from '../docker/kit.ts'
import { SHOP_ENV, shopContract } from '../fixtures/shop.ts'
import { follow, type Followed } from '../testbed/runs.ts'

const CASES = shopContract.cases.length

/** `verify` as a user starts it. */
function verify(url: string, env: Readonly<Record<string, string>> = {}): Followed {
  return follow(
    spawn(process.execPath, [`${KIT}runner/main.ts`, 'verify', url], {
      env: { ...process.env, ...SHOP_ENV, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
}

async function listening(t: TestContext, server: Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const serving = (t: TestContext, answer: RequestListener): Promise<string> =>
  listening(t, createServer(answer))

test('a closed port is one sentence, and not a failure for each case', async () => {
  const { said, ended } = verify('http://127.0.0.1:9')
  assert.equal(await ended(), 1)
  assert.match(
    said(),
    /http:\/\/127\.0\.0\.1:9 does not answer: nothing listens at 127\.0\.0\.1:9\./,
  )
  assert.doesNotMatch(said(), /FAIL/)
})

test('a silent service: it says what it does, shows that it goes on, and ends in the time it said', async (t) => {
  const url = await listening(t, createTcpServer())
  const startedMs = performance.now()
  const { said, ended } = verify(url)
  assert.equal(await ended(), 1)
  const tookS = (performance.now() - startedMs) / 1000
  const announced = `${CASES} cases, 10 s each at most; three in a row without an answer end it`
  assert.ok(said().includes(announced), said())
  assert.match(said(), /Case 2 of \d+ …[^]*Case 3 of \d+ …[^]*does not answer: no whole answer/)
  assert.ok(tookS < 60, `${tookS} s`)
})

test('a service that stops to answer is not asked for all the rest', async (t) => {
  let answered = 0
  const url = await serving(t, (request, response) => {
    answered += 1
    if (answered > 5) request.socket.destroy()
    else response.end('{}')
  })
  const { said, ended } = verify(url)
  assert.equal(await ended(), 1)
  // Five that were answered, and three that were not.
  assert.match(said(), new RegExp(`${CASES - 8} cases were not asked`))
})

test('no escape sequence and no faked line of a service reaches the terminal', async (t) => {
  const hostile =
    '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202eevil\r\n36 of 36 cases of the contract hold'
  const url = await serving(t, (_, response) => response.writeHead(500).end(hostile))
  const { said, ended } = verify(url)
  assert.equal(await ended(), 1)
  assert.match(said(), /evil 36 of 36/)
  assert.match(said(), /^[\n -~…’]*$/, 'ASCII, and the ellipsis and the apostrophe of our own')
  assert.doesNotMatch(said(), /^36 of 36/m)
})

test('endless bodies, deep JSON and bombs end verify with what is wrong, in little memory', async (t) => {
  const piece = Buffer.alloc(65_536, '[')
  const url = await serving(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const more = (): void => {
      while (!response.destroyed && response.write(piece)) continue
    }
    response.on('drain', more)
    more()
  })
  const { said, ended } = verify(url, { NODE_OPTIONS: '--max-old-space-size=96' })
  assert.equal(await ended(), 1)
  assert.match(said(), /a body of more than 1024 KiB/)

  const deep = await serving(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('['.repeat(1e6))
  })
  const second = verify(deep, { NODE_OPTIONS: '--max-old-space-size=96' })
  assert.equal(await second.ended(), 1)
  assert.match(second.said(), /nested more than 32 deep/)
  assert.ok(second.said().length < 30_000, 'what a service says is kept short')
})

test('a password in the address is sent, and neither printed nor left in the list of processes', async (t) => {
  const sent = new Set<string>()
  const asked = Promise.withResolvers<void>()
  const url = await serving(t, (request, response) => {
    const { authorization = '' } = request.headers
    sent.add(authorization)
    asked.resolve()
    response.writeHead(401).end(JSON.stringify({ you: authorization, and: 'hunter2' }))
  })
  const { said, ended, child } = verify(url.replace('//', '//me:hunter2@'))
  if (process.platform === 'linux') {
    await asked.promise
    const listed = await readFile(`/proc/${child.pid}/cmdline`, 'utf8').catch(() => '')
    assert.doesNotMatch(listed, /hunter2/)
  }
  assert.equal(await ended(), 1)
  const basic = Buffer.from('me:hunter2').toString('base64')
  assert.ok(sent.has(`Basic ${basic}`))
  assert.ok(
    [...sent].some((each) => each.startsWith('Bearer eyJ')),
    'orders bring a token',
  )
  assert.doesNotMatch(said(), new RegExp(`hunter2|${basic}|eyJ`))
})

for (const [what, argument, remedy] of [
  ['a query', 'http://127.0.0.1:1/?k=v', /has a query/],
  ['a fragment', 'http://127.0.0.1:1/#x', /has a fragment/],
  ['another scheme', 'ftp://127.0.0.1', /not of http or https/],
  ['an unknown arm', 'nobody', /there is no nobody here\. There is pooled/],
] as const) {
  test(`${what} is refused at once, with exit code 2`, async () => {
    const { said, ended } = verify(argument)
    assert.equal(await ended(), 2, said())
    assert.match(said(), remedy)
  })
}
