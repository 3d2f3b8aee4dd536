import { readFile, writeFile } from 'node:fs/promises'
import { format } from 'prettier'
import { type Mode, MODES } from '../../services/commerce/config.ts'
import { KIT } from '../docker/kit.ts'
import type { Audit, Ledger } from './ledger.ts'

const PAGE = `${KIT}docs/faults.md`
const [START, END] = ['<!-- faults -->', '<!-- /faults -->']

export type Seen = Readonly<{ mode: Mode; fault: string; required: string; figures: string }>

/** Puts the figures last seen into docs/faults.md. */
export async function writeTable(seen: readonly Seen[]): Promise<void> {
  const is = await readFile(PAGE, 'utf8')
  await writeFile(PAGE, await format(withTable(is, seen), { parser: 'markdown' }))
}

/** The text with these figures in place of those between its markers: a row a fault, a column a mode. */
export function withTable(text: string, seen: readonly Seen[]): string {
  const rows = [...Map.groupBy(seen, ({ fault }) => fault)].map(([fault, own]) => {
    const cells = MODES.map((mode) => own.find((one) => one.mode === mode)?.figures ?? '')
    return `| ${[fault, own[0]?.required ?? '', ...cells].join(' | ')} |`
  })
  const head = ['fault (the test’s name)', 'what users see at most', ...MODES]
  const table = [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows]
  const [before = '', rest = ''] = text.split(START)
  return `${before}${START}\n\n${table.join('\n')}\n\n${END}${rest.split(END)[1] ?? ''}`
}

/** Which cases the table in docs/faults.md has. */
export async function casesInDocs(): Promise<Omit<Seen, 'figures'>[]> {
  const table = (await readFile(PAGE, 'utf8')).split(START)[1]?.split(END)[0] ?? ''
  const rows = table
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()))
  return MODES.flatMap((mode, at) =>
    rows.flatMap(([, fault = '', required = '', ...cells]) =>
      cells[at] ? [{ fault, mode, required }] : [],
    ),
  )
}

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

/** For the table. */
export const shortOf = ({ ledger, audit, recoveredMs }: Figures): string =>
  `${ledger.acknowledged.size} orders, ${audit.lost} lost; back in ${Math.round(recoveredMs)} ms`

/** One line, for a log. */
export function lineOf({ ledger, audit, recoveredMs, leaked, memoryMib }: Figures): string {
  const outcomes = [...ledger.outcomes]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([outcome, count]) => `${outcome}×${count}`)
  const doubted = [...ledger.inDoubt].filter((number) => !ledger.acknowledged.has(number)).length
  return [
    `${ledger.acknowledged.size} acknowledged, ${audit.stored} stored, ${doubted} in doubt`,
    `${audit.lost} lost, ${audit.pending} pending, ${audit.wronglySold} wrongly sold`,
    outcomes.join(' '),
    `longest ${Math.round(ledger.longestMs)} ms`,
    `back in ${Math.round(recoveredMs)} ms`,
    `${leaked} leaked`,
    `${Math.round(memoryMib.before)} → ${Math.round(memoryMib.after)} MiB`,
  ].join('; ')
}
