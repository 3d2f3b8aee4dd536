import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type ContractResponses, contractResponses } from './testing/contract.ts'
import { type ServiceDatabase, startDatabase } from './testing/database.ts'
import { judgeHostile } from './testing/hostile-judge.ts'
import { hostileRequest } from './testing/hostile-request.ts'
import { send } from './testing/send.ts'
import { startFloor, startService } from './testing/service.ts'

/** Of each service; `npm run test:long` sends ten times as many. */
const CASES = Number(process.env['FUZZ_CASES'] ?? 2_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)

let database: ServiceDatabase
let contract: ContractResponses
before(async () => {
  contract = await contractResponses()
  database = await startDatabase()
})
after(() => database.stop())

for (const [name, start] of Object.entries({ commerce: startService, floor: startFloor })) {
  test(`${name}: whatever is sent, the answer is one that the contract names (FUZZ_SEED=${SEED})`, async (t) => {
    await database.recreate()
    await using service = await start({ DATABASE_URL: database.url })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const seen: Record<number, number> = {}
    const property = fc.asyncProperty(hostileRequest, async (hostile) => {
      const answer = await send(service.url, agent, hostile)
      seen[answer.status] = (seen[answer.status] ?? 0) + 1
      judgeHostile(contract, hostile, answer)
    })
    await fc.assert(property, { numRuns: CASES, seed: SEED })
    agent.destroy()
    t.diagnostic(`answers by status: ${JSON.stringify(seen)}`)
    for (const status of [200, 201, 400, 401, 404, 405, 409, 415, 422]) {
      assert.ok((seen[status] ?? 0) > 0, `the fuzz never got as far as ${status}`)
    }
    assert.ok(
      service.log.every((line) => !line.includes('"level":"error"')),
      service.log.join('\n'),
    )
    assert.equal(service.process.exitCode, null)
    const [audit] = await database.query<{ quantity: string; sold: string; oversold: string }>(
      database.audit ?? '',
    )
    assert.deepEqual([audit?.quantity, audit?.oversold], [audit?.sold, '0'])
  })
}
