import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { DECIDED } from './testing/cases.ts'
import { reproduction, wayTo } from './testing/compare.ts'
import { fuzz } from './testing/fuzz.ts'
import { bytesOf } from './testing/raw-request.ts'

/** A server that answers every request that Node can read alike, but for targets with this in them. */
async function serverThatDiffersOn(part: string): Promise<Server> {
  const server = createServer((request, response) => {
    const isOdd = request.url?.includes(part) ?? false
    response.writeHead(isOdd ? 404 : 200, { 'content-type': 'application/json' }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const urlOf = (server: Server): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`

test('a difference is found, made small, and shown with its seed and a command', async () => {
  const servers = [await serverThatDiffersOn('limit'), await serverThatDiffersOn('(none)')]
  const ways = servers.map((server, at) => wayTo(['one', 'other'][at] ?? '', urlOf(server)))
  await assert.rejects(fuzz(ways, 500, 7), (error: Error) => {
    assert.match(error.message, /the services differ, after \d+ requests of seed 7/)
    assert.match(error.message, /one:\n.*"status":404/)
    assert.match(error.message, /other:\n.*"status":200/)
    assert.match(error.message, /printf '.*limit.*' \| nc HOST PORT/)
    return true
  })
  for (const server of servers) server.close()
})

test('services that answer alike have no difference, and what they answered is counted', async () => {
  const server = await serverThatDiffersOn('(none)')
  const seen = await fuzz([wayTo('a', urlOf(server)), wayTo('b', urlOf(server))], 50, 7)
  server.close()
  assert.equal(
    Object.values(seen).reduce((sum, count) => sum + count, 0),
    50,
  )
})

test('the command that is shown sends the request to the letter', () => {
  for (const { name, request } of DECIDED) {
    const bytes = bytesOf(request)
    if (bytes.length > 2_500) continue
    const [command = ''] = reproduction(request).split(' | nc ')
    assert.ok(execFileSync('bash', ['-c', command]).equals(bytes), name)
  }
})
