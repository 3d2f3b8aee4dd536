import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { identify, NotItself, proveAgain } from '../../runner/experiment/identity.ts'
import { checkJourney } from '../../runner/load/journey-check.ts'
import type { Testbed } from '../../runner/testbed/testbed.ts'
import { response, startShop } from '../fixtures/shop-server.ts'
import { shopJourney } from '../fixtures/shop.ts'

const ARM = { name: 'pooled', mode: 'pooled', entry: null, environment: {}, groups: [] } as const
const { signal } = new AbortController()
const on = (kind: Testbed['kind']) => ({ testbed: { kind } as Testbed, signal })

let server: Server
let url: string
let headers: Record<string, string> | null
/** Other answers than 200 with the headers. */
let next: (() => readonly [status: number, Readonly<Record<string, string>>]) | null = null

before(async () => {
  const answer = (_: IncomingMessage, reply: ServerResponse): void => {
    const other = next?.()
    if (other !== undefined) reply.writeHead(...other).end('{}')
    else if (headers === null) reply.destroy()
    else reply.writeHead(200, headers).end('{}')
  }
  server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => {
  server.closeAllConnections()
  server.close()
})

const as = (arm: string, instance: string): void => {
  headers = { 'X-Samehost-Arm': arm, 'X-Samehost-Instance': instance }
}

test('the arm itself is proved, and again after each stage', async () => {
  as('pooled', 'a1')
  const first = await identify(ARM, url, on('compose'))
  assert.deepEqual(first, { arm: 'pooled', instance: 'a1', proofs: 1, heldStages: 0 })
  const again = await proveAgain(first, ARM, url, 1, on('compose'))
  assert.deepEqual(again, { arm: 'pooled', instance: 'a1', proofs: 2, heldStages: 1 })
})

test('another arm behind its way in aborts, by both names and with the remedy', async () => {
  as('floor', 'b2')
  const expected = /Not pooled but floor answers at http.*docker compose restart nginx/
  await assert.rejects(identify(ARM, url, on('compose')), expected)
  const known = { arm: 'pooled', instance: 'a1', proofs: 1 }
  await assert.rejects(proveAgain(known, ARM, url, 1, on('compose')), expected)
})

test('another process of the same arm within a trial aborts', async () => {
  as('pooled', 'a1')
  const first = await identify(ARM, url, on('embedded'))
  as('pooled', 'a2')
  await assert.rejects(
    proveAgain(first, ARM, url, 1, on('embedded')),
    /Another process of pooled .*instance a2, before a1/,
  )
})

test('a target of one’s own may have any name, but not another process', async () => {
  as('theirs', 'c1')
  const first = await identify(ARM, url, on('remote'))
  assert.deepEqual(first, { arm: 'theirs', instance: 'c1', proofs: 1, heldStages: 0 })
  as('theirs', 'c2')
  await assert.rejects(proveAgain(first, ARM, url, 1, on('remote')), /instance c2, before c1/)
})

test('what sends no header, or anything but a word, is not proved, and that is no failure', async () => {
  for (const sent of [{}, { 'X-Samehost-Arm': 'a b<c>', 'X-Samehost-Instance': 'x'.repeat(65) }]) {
    headers = sent
    const first = await identify(ARM, url, on('compose'))
    assert.deepEqual(first, { arm: null, instance: null, proofs: 0, heldStages: 0 })
    const again = await proveAgain(first, ARM, url, 1, on('compose'))
    assert.deepEqual(again, { ...first, heldStages: 1 })
  }
})

test('whether it prepares its statements is kept where it says on or off, and nothing else', async () => {
  for (const [prepare, kept] of [
    ['on', 'on'],
    ['off', 'off'],
    ['maybe', undefined],
  ] as const) {
    as('pooled', 'a1')
    headers = { ...headers, 'X-Samehost-Prepare': prepare }
    const first = await identify(ARM, url, on('compose'))
    assert.equal(first.prepare, kept)
    assert.equal((await proveAgain(first, ARM, url, 1, on('compose'))).prepare, kept)
  }
})

test('headers that only a later answer has prove it from then on', async () => {
  headers = {}
  const first = await identify(ARM, url, on('compose'))
  as('pooled', 'a1')
  const late = await proveAgain(first, ARM, url, 2, on('compose'))
  assert.deepEqual(late, { arm: 'pooled', instance: 'a1', proofs: 1, heldStages: 2, lateStages: 2 })
  const again = await proveAgain(late, ARM, url, 3, on('compose'))
  assert.deepEqual(again, { ...late, proofs: 2, heldStages: 3 })
  as('pooled', 'a2')
  await assert.rejects(proveAgain(again, ARM, url, 4, on('compose')), NotItself)
})

test('one answer without headers is asked about again, and a front door’s 502 is no word of the service', async () => {
  as('pooled', 'a1')
  const answers = [
    [200, {}],
    [502, {}],
    [200, headers ?? {}],
  ] as const
  let at = 0
  next = () => answers[at++ % answers.length] ?? [500, {}]
  const first = await identify(ARM, url, on('compose'))
  assert.deepEqual(first, { arm: 'pooled', instance: 'a1', proofs: 1, heldStages: 0 })
  next = () => [502, {}]
  assert.deepEqual(await proveAgain(first, ARM, url, 1, on('compose')), first)
  next = null
})

test('no answer after a stage proves nothing to the contrary', async () => {
  as('pooled', 'a1')
  const first = await identify(ARM, url, on('compose'))
  headers = null
  assert.deepEqual(await proveAgain(first, ARM, url, 1, on('compose')), first)
})

test('verify and the load are one client: what the load cannot use, verify does not pass', async (t) => {
  const zip = 'content-encoding: gzip\r\n'
  const cases = [
    ['as promised', (answer: string) => answer, null],
    ['103 before it', (answer: string) => `HTTP/1.1 103 Any\r\nlink: x\r\n\r\n${answer}`, null],
    ['always compressed', () => response(200, 'zipped', zip), 'encoded-body'],
    ['switches protocols', () => 'HTTP/1.1 101 Any\r\n\r\n', 'invalid-response'],
  ] as const
  for (const [what, change, expected] of cases) {
    await t.test(what, async (inner) => {
      const shop = await startShop(inner, (socket, _, answer) => {
        socket.write(change(answer()))
        return true
      })
      const [failure] = await checkJourney(shop.url, shopJourney, 'the contract')
      assert.equal(failure?.got ?? null, expected)
      assert.equal(failure === undefined, expected === null)
    })
  }
})
