import { type Decision, decisionsOf } from '../../analysis/factors/decisions.ts'
import { FACTORS } from '../../analysis/factors/grid.ts'
import type { Run } from '../../measurement/run.ts'
import { testbedLine } from '../headline.ts'
import { cell, type Cell, NONE, range, type Sheet, times } from '../sheet.ts'

/**
 * What decides: the effect of each connection mode and of each framework, and how much of the variation
 * each factor explains. null unless the run's arms form a grid of 2 × 2 or more.
 */
export function factorsSheet(run: Run): Sheet | null {
  const decisions = decisionsOf(run)
  if (decisions.length === 0) return null
  return {
    title: 'What decides: the connection mode or the framework',
    notes: [
      testbedLine(run),
      'effect: ratio to the geometric mean over all; two-way analysis of variance on the logarithm (Jain 1991, chapters 21 and 22), 95 % intervals by Student’s t',
      ...new Set(decisions.map(errorNote)),
      ...(decisions.some(({ missingCells }) => missingCells > 0) ? [OVERLAP] : []),
    ],
    columns: [
      { head: 'figure', kind: 'name' },
      { head: 'factor', kind: 'name' },
      { head: 'level', kind: 'name' },
      { head: 'effect', unit: 'times the mean', kind: 'figure' },
      { head: '95 % interval', kind: 'figure' },
      { head: 'explains', unit: 'of the variation', kind: 'figure' },
    ],
    rows: decisions.flatMap(decisionRows),
  }
}

const OVERLAP =
  'not every framework has every mode, so the factors overlap: the shares are means over both orders of asking, the effects by least squares'

function errorNote({ errorTerm, freedom }: Decision): string {
  const degrees = `${freedom} degree${freedom === 1 ? '' : 's'} of freedom`
  return errorTerm === 'trials'
    ? `error: what differs between trials of the same arm, ${degrees}`
    : `error: with one trial an arm, what the two factors leave (their interaction), ${degrees}`
}

function decisionRows({ figure, levels, shares }: Decision): Cell[][] {
  const effects = FACTORS.flatMap((factor) =>
    levels
      .filter((level) => level.factor === factor)
      .map(({ level, ratio, low, high }, at) => [
        cell(figure, 'strong'),
        cell(factor),
        cell(level),
        cell(times(ratio)),
        cell(range({ low, high }, times), ...(low <= 1 && high >= 1 ? (['muted'] as const) : [])),
        cell(at === 0 ? percent(shares[factor]) : ''),
      ]),
  )
  const rest = (name: string, share: number) => [
    cell(figure, 'strong'),
    ...[name, '', NONE, NONE, percent(share)].map((text) => cell(text)),
  ]
  if (shares.noise === null) return [...effects, rest('interaction or noise', shares.interaction)]
  return [...effects, rest('interaction', shares.interaction), rest('between trials', shares.noise)]
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`
