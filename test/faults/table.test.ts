import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MODES } from '../../services/commerce/config.ts'
import { FAULTS } from './faults.ts'
import { requirementOf } from './run-fault.ts'
import { casesInDocs } from './table.ts'

test('the table in docs/faults.md has every fault in every mode', async () => {
  const cases = MODES.flatMap((mode) =>
    FAULTS.map((fault) => ({ fault: fault.name, mode, required: requirementOf(fault) })),
  )
  assert.deepEqual(await casesInDocs(), cases, 'run `npm run faults:table`')
})
