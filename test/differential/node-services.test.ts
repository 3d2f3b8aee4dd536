import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { DECIDED } from './testing/cases.ts'
import { differenceInEffect } from './testing/compare.ts'
import { fuzz } from './testing/fuzz.ts'
import { judgeDecided } from './testing/judge.ts'
import { type Stand, startStand } from './testing/stand.ts'

/** `npm run test:long` sends ten times as many; for all services at once there is test/docker/arms.test.ts. */
const CASES = Number(process.env['FUZZ_CASES'] ?? 2_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)

let stand: Stand
before(async () => {
  stand = await startStand()
})
after(() => stand.stop())

describe('what the contract decides is what is answered, by all alike', () => {
  for (const decided of DECIDED) {
    test(decided.name, () => judgeDecided(stand.ways, decided))
  }

  test('and the databases hold the same orders', async () => {
    assert.equal(await differenceInEffect(stand.ways), undefined)
  })
})

test(`whatever is asked, they mean the same (FUZZ_CASES=${CASES} FUZZ_SEED=${SEED})`, async (t) => {
  t.diagnostic(JSON.stringify(await fuzz(stand.ways, CASES, SEED)))
})
