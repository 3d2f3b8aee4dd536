import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { DECIDED } from './testing/cases.ts'
import { reproduction, type Way } from './testing/compare.ts'
import { fuzz } from './testing/fuzz.ts'

/** A server that answers every request alike, but those for paths with this in them. */
async function serverThatDiffersOn(part: string): Promise<Server> {
  const server = createServer((request, response) => {
    const isOdd = request.url?.includes(part) ?? false
    response.writeHead(isOdd ? 404 : 200, { 'content-type': 'application/json' }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const wayTo = (name: string, server: Server, effect = ''): Way => ({
  name,
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  effect: () => Promise.resolve(effect),
})

test('a difference is found, made small, and shown with its seed and a command', async (t) => {
  const servers = [await serverThatDiffersOn('/products/'), await serverThatDiffersOn('(none)')]
  t.after(() => servers.forEach((server) => server.close()))
  const ways = servers.map((server, at) => wayTo(['one', 'other'][at] ?? '', server))
  await assert.rejects(fuzz(ways, 500, 7), (error: Error) => {
    assert.match(error.message, /the services differ, after \d+ requests of seed 7/)
    assert.match(error.message, /one:\n.*"class":4/)
    assert.match(error.message, /other:\n.*"class":2/)
    assert.match(error.message, /curl .* URL\$'\/products\//)
    return true
  })
})

test('services that answer alike have no difference, and what they answered is counted', async (t) => {
  const server = await serverThatDiffersOn('(none)')
  t.after(() => server.close())
  const seen = await fuzz([wayTo('a', server), wayTo('b', server)], 50, 7)
  assert.equal(
    Object.values(seen).reduce((sum, count) => sum + count, 0),
    50,
  )
})

test('databases that hold different orders are a difference, whatever was answered', async (t) => {
  const server = await serverThatDiffersOn('(none)')
  t.after(() => server.close())
  const ways = [wayTo('a', server, '1 order'), wayTo('b', server, '2 orders')]
  await assert.rejects(fuzz(ways, 5, 7), /the databases differ[^]*a:\n.*1 order[^]*b:\n.*2 orders/)
})

test('the command that is shown has the body to the byte', () => {
  for (const { name, request } of DECIDED) {
    if (request.body === undefined || request.body.length > 2_500) continue
    const [, body = ''] = /--data-binary (\$'.*?') URL/.exec(reproduction(request)) ?? []
    // What a shell keeps of a NUL is nothing.
    const bytes = Buffer.from(request.body)
    if (bytes.includes(0)) continue
    const read = execFileSync('bash', ['-c', `printf '%s' ${body}`])
    assert.ok(read.equals(bytes), name)
  }
})
