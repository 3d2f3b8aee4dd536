import type { Audit } from './audit.ts'
import type { Ledger } from './ledger.ts'

/** What one fault did to one mode. */
export type Figures = Readonly<{
  ledger: Ledger
  audit: Audit
  /** From the end of the cause until an order asked for since was acknowledged. */
  recoveredMs: number
  /** Connections the database counts once the load is over, beyond those the mode keeps. */
  leaked: number
  memoryMib: Readonly<{ before: number; after: number }>
}>

/** One line, for a log and for the table. */
export function lineOf({ ledger, audit, recoveredMs, leaked, memoryMib }: Figures): string {
  const outcomes = [...ledger.outcomes]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([outcome, count]) => `${outcome}×${count}`)
  const doubted = [...ledger.inDoubt].filter((mark) => !ledger.acknowledged.has(mark)).length
  return [
    `${ledger.acknowledged.size} acknowledged, ${audit.stored} stored, ${doubted} in doubt`,
    `${audit.lost} lost, ${audit.twice} twice, ${audit.wronglySold} oversold`,
    outcomes.join(' '),
    `longest ${Math.round(ledger.longestMs)} ms`,
    `back in ${Math.round(recoveredMs)} ms`,
    `${leaked} leaked`,
    `${Math.round(memoryMib.before)} → ${Math.round(memoryMib.after)} MiB`,
  ].join('; ')
}
