import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { MODES } from '../../services/commerce/config.ts'
import { type ContractResponses, contractResponses } from './testing/contract.ts'
import { type ServiceDatabase, startDatabase } from './testing/database.ts'
import { judgeHostile } from './testing/hostile-judge.ts'
import { hostileRequest } from './testing/hostile-request.ts'
import { sendHostile } from './testing/hostile-send.ts'
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

for (const DB_MODE of MODES) {
  test(`${DB_MODE}: whatever is sent, the answer is one that the contract names`, async (t) => {
    await using service = await startService({ DB_MODE, DATABASE_URL: database.url })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const seen: Record<number, number> = {}
    const property = fc.asyncProperty(hostileRequest, async (hostile) => {
      const answer = await sendHostile(service.url, agent, hostile)
      seen[answer.status] = (seen[answer.status] ?? 0) + 1
      judgeHostile(contract, hostile, answer)
    })
    await fc.assert(property, { numRuns: CASES })
    agent.destroy()
    t.diagnostic(`answers by status: ${JSON.stringify(seen)}`)
    for (const status of [200, 201, 400, 404, 405, 415, 422]) {
      assert.ok((seen[status] ?? 0) > 0, `the fuzz never got as far as ${status}`)
    }
    assert.ok(
      service.log.every((line) => !line.includes('"level":"error"')),
      service.log.join('\n'),
    )
    assert.equal(service.process.exitCode, null)
  })
}
