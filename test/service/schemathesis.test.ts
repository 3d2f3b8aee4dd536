import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { startDatabase } from './testing/database.ts'
import { schemathesis, skipWithoutSchemathesis } from './testing/schemathesis.ts'
import { startFloor, startService } from './testing/service.ts'

/** Of each operation, in each of its phases. */
const EXAMPLES = 40
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)

void suite('Schemathesis finds nothing', { skip: await skipWithoutSchemathesis() }, () => {
  for (const [name, start] of Object.entries({ commerce: startService, floor: startFloor })) {
    test(`${name} (FUZZ_SEED=${SEED})`, async () => {
      const database = await startDatabase()
      try {
        await using service = await start({ DATABASE_URL: database.url })
        assert.equal(await schemathesis(service.url, SEED, EXAMPLES), '')
      } finally {
        await database.stop()
      }
    })
  }
})
