import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { DECIDED } from './testing/cases.ts'
import { askForAnswers } from './testing/compare.ts'
import { fuzz } from './testing/fuzz.ts'
import { judgeDecided } from './testing/judge.ts'
import { PIPELINED_STATUSES, pipelined } from './testing/raw-request.ts'
import {
  HEAD_WITHIN_MS,
  lateOf,
  longestOrdinary,
  ORDINARY_WITHIN_MS,
  REQUEST_WITHIN_MS,
  slowBodies,
  slowHeads,
} from './testing/slow-clients.ts'
import { rawExchange, statuses } from '../docker/testing/raw-exchange.ts'
import { type Stand, startStand } from './testing/stand.ts'

/** The tens of thousands are for all services at once (test/docker/arms.test.ts). */
const CASES = 500
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)

let stand: Stand
before(async () => {
  stand = await startStand()
})
after(() => stand.stop())

describe('what the contract decides is what is answered, by all alike', () => {
  for (const { name, request, direct } of DECIDED) {
    test(name, async () => judgeDecided(request, await askForAnswers(stand.ways, request), direct))
  }
})

test(`whatever is sent, they answer alike (${CASES} requests, FUZZ_SEED=${SEED})`, async (t) => {
  t.diagnostic(JSON.stringify(await fuzz(stand.ways, CASES, SEED)))
})

test('requests that come in one packet are answered in their order', async () => {
  for (const { name, host, port, base } of stand.ways) {
    const answer = await rawExchange({ host, port }, pipelined(base).toString('latin1'))
    assert.deepEqual(statuses(answer), PIPELINED_STATUSES, name)
  }
})

test('slow clients are cut off in the stated time and keep nobody waiting', async () => {
  await Promise.all(
    stand.ways.map(async (way) => {
      const both = Promise.all([slowHeads(way, 60), slowBodies(way, 60)])
      const longestMs = await longestOrdinary(way, both)
      const [heads, bodies] = await both
      assert.deepEqual(lateOf('heads', heads, HEAD_WITHIN_MS, true), [], way.name)
      assert.deepEqual(lateOf('bodies', bodies, REQUEST_WITHIN_MS, true), [], way.name)
      assert.ok(longestMs < ORDINARY_WITHIN_MS, `${way.name}: ${longestMs} ms`)
    }),
  )
})
