import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { MODES } from '../../services/commerce/config.ts'
import { type ContractResponses, contractResponses } from './testing/contract.ts'
import { type ServiceDatabase, startDatabase } from './testing/database.ts'
import { type HostileRequest, hostileRequest } from './testing/hostile-request.ts'
import { startService } from './testing/service.ts'

/** Of each mode. The whole is `FUZZ_CASES=17000`: more than 50,000 over the three. */
const CASES = Number(process.env['FUZZ_CASES'] ?? 1_500)

let database: ServiceDatabase
let contract: ContractResponses
before(async () => {
  contract = await contractResponses()
  database = await startDatabase()
})
after(() => database.stop())

type Answer = Readonly<{
  status: number
  type: string
  allow: string
  retryAfter: string
  body: string
}>

function send(url: string, agent: Agent, hostile: HostileRequest): Promise<Answer> {
  const { method, path, body, chunked } = hostile
  // Node frames the body of a GET only if it is told how.
  const framing = chunked
    ? { 'transfer-encoding': 'chunked' }
    : { 'content-length': body?.length ?? 0 }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, path, agent, headers: { ...hostile.headers, ...framing } })
    sent.on('error', reject)
    sent.on('response', (response) => {
      const {
        'content-type': type = '',
        allow = '',
        'retry-after': retryAfter = '',
      } = response.headers
      void text(response).then(
        (answer) =>
          resolve({ status: response.statusCode ?? 0, type, allow, retryAfter, body: answer }),
        reject,
      )
    })
    sent.end(body)
  })
}

/** What of the service's inside must never be seen outside. */
const INSIDE =
  /node_modules|\.ts:\d|\bat .+:\d+:\d+|syntax error|violates|relation "|select |DatabaseError/i

/** The path of the contract that a request is for, if that can be told by its looks. */
function template(path: string): string | undefined {
  const [target = ''] = path.split('?')
  if (['/products', '/orders'].includes(target)) return target
  return /^\/(products|orders)\/(?!\.{1,2}$)[\w.~-]+$/.test(target)
    ? target.replace(/[^/]+$/, '{id}')
    : undefined
}

function judge({ method, path }: HostileRequest, answer: Answer): void {
  const { status, type, allow } = answer
  assert.ok(status < 500, `status ${status}`)
  assert.doesNotMatch(answer.body, INSIDE)
  if (status === 405) assert.notEqual(allow, '')
  if (method === 'HEAD') return assert.equal(answer.body, '')
  const body: unknown = JSON.parse(answer.body)
  if (status >= 400) assert.equal(type, 'application/problem+json')
  const known = template(path)
  if (known === undefined) return
  const described = known === '/orders' ? 'post' : 'get'
  const fault = contract.faultOf({ path: known, method: described, status, type, body })
  assert.equal(fault, undefined)
}

for (const DB_MODE of MODES) {
  test(`${DB_MODE}: whatever is sent, the answer is one that the contract names`, async (t) => {
    await using service = await startService({ DB_MODE, DATABASE_URL: database.url })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const seen: Record<number, number> = {}
    const property = fc.asyncProperty(hostileRequest, async (hostile) => {
      const answer = await send(service.url, agent, hostile)
      seen[answer.status] = (seen[answer.status] ?? 0) + 1
      judge(hostile, answer)
    })
    await fc.assert(property, { numRuns: CASES })
    agent.destroy()
    t.diagnostic(`answers by status: ${JSON.stringify(seen)}`)
    for (const status of [200, 201, 400, 404, 405, 413, 415, 422]) {
      assert.ok((seen[status] ?? 0) > 0, `the fuzz never got as far as ${status}`)
    }
    assert.ok(
      service.log.every((line) => !line.includes('"level":"error"')),
      service.log.join('\n'),
    )
    assert.equal(service.process.exitCode, null)
  })
}
