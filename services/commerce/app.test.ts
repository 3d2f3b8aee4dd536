import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createApp } from './app.ts'
import type { Database } from './database/database.ts'
import { DatabaseFault, type FaultKind } from './database/fault.ts'
import { openTokens } from './tokens.ts'

const VERSIONS = { node: '1', hono: '1', '@hono/node-server': '1', kysely: '1', pg: '1' }
const TOKENS = await openTokens('a secret of this test alone, of many bytes')

/** The app over a database that fails in this way whenever it is used. */
function appOver(failure: Error) {
  const database: Database = { use: () => Promise.reject(failure), close: async () => undefined }
  const identity = { arm: undefined, instance: '1', prepare: false }
  return createApp(database, TOKENS, 'pooled', VERSIONS, identity, { settings: {}, given: '' })
}

const faults: [kind: FaultKind, status: number, retryAfter: string | null][] = [
  ['unreachable', 503, '1'],
  ['busy', 503, '1'],
  ['timeout', 504, null],
]
for (const [kind, status, retryAfter] of faults) {
  test(`a database that is ${kind} is ${status}, and its own words stay inside`, async () => {
    const response = await appOver(new DatabaseFault(kind, 'secret')).request('/products/1')
    assert.equal(response.status, status)
    assert.equal(response.headers.get('retry-after'), retryAfter)
    assert.ok(!(await response.text()).includes('secret'))
  })
}

test('a defect is 500; its stack goes to the log and not to the client', async (t) => {
  const write = t.mock.method(process.stderr, 'write', () => true)
  const response = await appOver(new TypeError('secret')).request('/products/1')
  assert.equal(response.status, 500)
  assert.ok(!(await response.text()).includes('secret'))
  assert.match(String(write.mock.calls[0]?.arguments[0]), /TypeError: secret/)
})

const refused: [method: string, path: string, status: number, allow: string | null][] = [
  ['GET', '/', 404, null],
  ['GET', '/products/', 404, null],
  ['GET', '/products/1/2', 404, null],
  ['GET', '/Products', 404, null],
  ['DELETE', '/products', 405, 'GET, HEAD'],
  ['POST', '/products/1', 405, 'GET, HEAD'],
  ['PUT', '/orders/1', 405, 'GET, HEAD'],
  ['GET', '/orders', 405, 'POST'],
  ['HEAD', '/orders', 405, 'POST'],
  ['OPTIONS', '/orders', 405, 'POST'],
  ['GET', '/sign-in', 405, 'POST'],
  ['POST', '/orders', 401, null],
  ['GET', '/orders/1', 401, null],
  ['POST', '/healthz', 405, 'GET, HEAD'],
]
for (const [method, path, status, allow] of refused) {
  test(`${method} ${path} is ${status}, without a look at the database`, async () => {
    const response = await appOver(new Error('used')).request(path, { method })
    assert.equal(response.status, status)
    assert.equal(response.headers.get('allow'), allow)
  })
}
