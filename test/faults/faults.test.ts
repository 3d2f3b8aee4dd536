import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { StartedTestContainer } from 'testcontainers'
import { MODES } from '../../services/commerce/config.ts'
import { skipWithoutEngine } from '../docker/engine.ts'
import { logOf, type Stand, startedAt, startService, startStand } from './containers.ts'
import { FAULTS } from './faults.ts'
import { type Fault, requirementOf, runFault } from './run-fault.ts'
import { type Figures, lineOf, type Seen, shortOf, writeTable } from './table.ts'

/** Memory is back at its level; a heap that has not been collected yet may be this much larger. */
const MEMORY_FACTOR = 2

const IS_TABLE = process.env['FAULTS_TABLE'] === '1'

/** Each fault, in the midst of load, in each mode, on containers as Compose starts them. */
void suite('faults', { skip: await skipWithoutEngine() }, () => {
  const seen: Seen[] = []
  let stand: Stand

  before(async () => {
    stand = await startStand()
  })
  after(async () => {
    await stand?.[Symbol.asyncDispose]()
    if (IS_TABLE) await writeTable(seen)
  })

  for (const mode of MODES) {
    void suite(mode, () => {
      let service: StartedTestContainer
      before(async () => {
        service = await startService(stand, mode)
      })
      after(async () => void (await service?.stop()))

      for (const [number, fault] of FAULTS.entries()) {
        // The front door knows of no mode: once is enough, but for the table.
        if (fault.throughNginx && mode !== 'pooled' && !IS_TABLE) continue
        test(fault.name, async (t) => {
          const life = await startedAt(service)
          const figures = await runFault(stand, mode, service, fault, `${mode}-${number}`)
          t.diagnostic(`${mode}, ${fault.name}: ${lineOf(figures)}`)
          const required = requirementOf(fault)
          seen.push({ mode, fault: fault.name, required, figures: shortOf(figures) })
          assertHeld(figures, fault)
          if (!fault.endsService) assert.equal(await startedAt(service), life, 'it did not exit')
          assert.doesNotMatch(await logOf(service), /"level":"error"|Unhandled|node:internal/i)
        })
      }
    })
  }
})

function assertHeld({ ledger, audit, leaked, memoryMib }: Figures, fault: Fault): void {
  assert.deepEqual(ledger.breaches, [])
  // Where the machine stands still for longer than a statement may take, that is a 504 whatever the fault.
  const known = new Set(['200', '201', '409', '504', ...fault.allowed])
  assert.deepEqual(
    [...ledger.outcomes.keys()].filter((outcome) => !known.has(outcome)),
    [],
  )
  assert.ok(
    fault.felt.some((outcome) => ledger.outcomes.has(outcome)),
    'the fault was felt',
  )

  const { stored, unanswered, ...wrong } = audit
  assert.deepEqual(wrong, { lost: 0, pending: 0, unasked: 0, wronglySold: 0 })
  assert.ok(stored > 0)
  if (fault.answersAll) assert.equal(unanswered, 0, 'what was taken up was answered')
  assert.equal(leaked, 0)
  assert.ok(memoryMib.after <= memoryMib.before * MEMORY_FACTOR, JSON.stringify(memoryMib))
}
