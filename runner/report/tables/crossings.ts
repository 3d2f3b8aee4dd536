import type { Run } from '../../measurement/run.ts'
import type { Crossing } from '../../measurement/verdict.ts'
import { testbedLine } from '../headline.ts'
import { amount, cell, type Cell, coefficient, type Column, range, type Sheet } from '../sheet.ts'

const STATES: Readonly<Record<Crossing['state'], string>> = {
  crossed: 'crossed',
  'not-reached': 'not reached',
  'crossed-below': 'crossed below',
  'limited-by-runner': 'limited by the runner',
  'no-valid-stage': 'no valid stage',
}

const COLUMNS: readonly Column[] = [
  { head: 'arm', kind: 'name' },
  { head: 'crossing', unit: 'users', kind: 'figure' },
  { head: '95 % interval', unit: 'users', kind: 'figure' },
  { head: 'bracket', unit: 'users', kind: 'figure' },
  { head: 'ceiling', unit: 'req/s', kind: 'figure' },
  { head: '95 % interval', unit: 'req/s', kind: 'figure' },
  { head: 'σ', unit: 'USL', kind: 'figure' },
  { head: 'κ', unit: 'USL', kind: 'figure' },
  { head: 'R²', unit: 'USL', kind: 'figure' },
]

/** How many users each arm serves before the threshold, and the most requests it was seen to serve. */
export function crossingsSheet(run: Run): Sheet {
  const { thresholdMs, thresholdOn } = run.configuration
  const between = run.crossings.some(({ interval }) => interval?.kind === 'between-trials')
  return {
    title: `Crossing: users at which the ${thresholdOn} response time reaches ${thresholdMs} ms`,
    notes: [
      testbedLine(run.environment),
      between
        ? 'intervals: bootstrap over trials; where one trial served: within that run'
        : 'intervals: within one run; another run may differ by more',
    ],
    columns: COLUMNS,
    rows: run.crossings.map(crossingCells),
  }
}

function crossingCells(crossing: Crossing): Cell[] {
  const { users, interval, bracket, ceilingPerS, ceilingInterval, usl } = crossing
  return [
    cell(crossing.arm, 'strong'),
    users === null ? cell(STATES[crossing.state], 'muted') : cell(amount(users), 'strong'),
    cell(range(interval, amount)),
    cell(range(bracket, amount)),
    cell(amount(ceilingPerS)),
    cell(range(ceilingInterval, amount)),
    cell(coefficient(usl?.sigma)),
    cell(coefficient(usl?.kappa)),
    cell(usl ? usl.r2.toFixed(3) : coefficient(null)),
  ]
}
