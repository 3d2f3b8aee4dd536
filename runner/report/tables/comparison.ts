import { apartAnyway } from '../../analysis/statistics/between-runs.ts'
import {
  answerOf,
  type ArmComparison,
  type Comparison,
  type Row,
} from '../../analysis/compare/comparison.ts'
import { formatDuration } from '../../plan/plan.ts'
import { amount, cell, type Cell, ms, range, ratio, type Sheet, times, us } from '../sheet.ts'

const UNITS = { users: amount, 'req/s': amount, 'µs/req': us, ms } as const

/** What is not the same on both sides: read first, since the ratios are of all of it together. */
export function differencesSheet({
  differences,
  apart,
}: Pick<Comparison, 'differences' | 'apart'>): Sheet {
  return {
    title: 'What differs between A and B',
    notes: [
      ...apartNotes(apart),
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

/** The time between the sides, the speed of the machine, and what runs differ by with nothing changed. */
function apartNotes({ ms: apartMs, hostMs }: Comparison['apart']): string[] {
  const later = apartMs < 0 ? 'A' : 'B'
  const anyway = (what: Parameters<typeof apartAnyway>[0]) =>
    `${(100 * apartAnyway(what)).toFixed(0)} %`
  return [
    `${later} was measured ${formatDuration(Math.abs(apartMs))} after the other: what the machine did in between is in every ratio; only arms of one run are free of it`,
    hostMs === null
      ? 'the machine’s own speed is not known of both'
      : `the machine’s own speed: fixed work took ${times(hostMs.b / hostMs.a)} times the CPU in B (${hostMs.a.toFixed(2)} ms in A, ${hostMs.b.toFixed(2)} ms in B)`,
    `two runs of one commit on one host differ by up to ${anyway('capacity')} in crossing and ceiling, ${anyway('response')} in response times and ${anyway('cost')} in CPU anyway (95 %); that is in the intervals`,
  ]
}

/** One arm on both sides: each figure, the ratio B / A, and whether there is a difference. */
export function comparisonSheet(
  { arm, changed, rows }: ArmComparison,
  where: string,
  { ms: apartMs }: Pick<Comparison['apart'], 'ms'>,
): Sheet {
  return {
    title:
      `${arm}${changed ? ` (${changed.factor}: ${changed.level})` : ''}: B / A, ` +
      `measured ${formatDuration(Math.abs(apartMs))} apart`,
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
