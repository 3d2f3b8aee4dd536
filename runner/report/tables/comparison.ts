import {
  answerOf,
  type ArmComparison,
  type Difference,
  type Row,
} from '../../analysis/compare/comparison.ts'
import { amount, cell, type Cell, ms, range, ratio, type Sheet, us } from '../sheet.ts'

const UNITS = { users: amount, 'req/s': amount, 'µs/req': us, ms } as const

/** What is not the same on both sides: read first, since the ratios are of all of it together. */
export function differencesSheet(differences: readonly Difference[]): Sheet {
  return {
    title: 'What differs between A and B',
    notes: [
      differences.length === 0
        ? 'nothing that was recorded; what was not recorded may'
        : 'the ratios below are of all of this together',
    ],
    columns: [
      { head: 'what', kind: 'name' },
      { head: 'A', kind: 'prose' },
      { head: 'B', kind: 'prose' },
    ],
    rows: differences.map(({ what, a, b }) => [cell(what, 'strong'), cell(a), cell(b)]),
  }
}

/** One arm on both sides: each figure, the ratio B / A, and whether there is a difference. */
export function comparisonSheet({ arm, changed, rows }: ArmComparison, where: string): Sheet {
  return {
    title: `${arm}${changed ? ` (${changed.factor}: ${changed.level})` : ''}: B / A`,
    notes: [
      where,
      'unpaired: Welch’s 95 % interval of the difference of logarithms, from three trials a side on, with what runs of one commit differ by; each row on its own, so of 20 rows without a difference about one shows one',
    ],
    columns: [
      { head: 'figure', kind: 'name' },
      { head: 'A', kind: 'figure' },
      { head: 'B', kind: 'figure' },
      { head: 'B / A', kind: 'figure' },
      { head: '95 % interval', kind: 'figure' },
      { head: 'answer', kind: 'prose' },
    ],
    rows: rows.map(figureCells),
  }
}

function figureCells(row: Row): Cell[] {
  const { what, unit, a, b, interval, missing } = row
  const format = UNITS[unit]
  const quotient = a === null || b === null || missing !== undefined ? null : b / a
  return [
    cell(`${what}, ${unit}`, 'strong'),
    cell(format(a)),
    cell(format(b)),
    cell(ratio(quotient)),
    cell(range(interval, ratio)),
    answerCell(row),
  ]
}

function answerCell(row: Row): Cell {
  const { missing, interval } = row
  if (missing !== undefined) return cell(missing, 'muted')
  const answer = answerOf(row)
  if (answer === 'unknown' || interval === null)
    return cell('fewer than 3 trials: no interval', 'muted')
  if (answer === 'same') return cell('no difference detected', 'muted')
  return cell(`B is ${answer === 'more' ? 'higher' : 'lower'}`, 'strong')
}
