import { unsettledText } from '../../analysis/crossing/interval.ts'
import type { Run } from '../../measurement/run.ts'
import type { Crossing } from '../../measurement/verdict.ts'
import { amount, cell, type Cell, type Column, range, type Sheet } from '../sheet.ts'

const STATES: Readonly<Record<Crossing['state'], string>> = {
  crossed: 'crossed',
  between: 'only between',
  'not-reached': 'not reached',
  'crossed-below': 'crossed below',
  'limited-by-runner': 'limited by the runner',
  'no-valid-stage': 'no valid stage',
}

const COLUMNS: readonly Column[] = [
  { head: 'arm', kind: 'name' },
  { head: 'trials', kind: 'figure' },
  { head: 'crossing', unit: 'users', kind: 'figure' },
  { head: 'mean, 95 %', unit: 'users', kind: 'figure' },
  { head: 'next run, 95 %', unit: 'users', kind: 'figure' },
  { head: 'seen', unit: 'users', kind: 'figure' },
  { head: 'ceiling', unit: 'req/s', kind: 'figure' },
  { head: 'mean, 95 %', unit: 'req/s', kind: 'figure' },
]

/** How many users each arm serves before the threshold, and the most requests that it serves. */
export function crossingsSheet(run: Run): Sheet {
  const { thresholdMs, thresholdOn } = run.configuration
  const provisional = run.crossings.some((crossing) => crossing.provisional)
  return {
    title: `Crossing: users at which the ${thresholdOn} response time reaches ${thresholdMs} ms`,
    notes: [
      'mean: confidence interval of the mean over runs like this one, by Student’s t over its trials',
      'next run: prediction interval, where another run on this machine, in this state, would fall, as far as this run’s trials show it',
      'seen: most users below and fewest at or above; spacing of the probes, no interval',
      ...(provisional ? ['provisional: fewer than three trials, so neither interval'] : []),
      ...[unsettledText(run.crossings)].filter((text) => text !== ''),
    ],
    columns: COLUMNS,
    rows: run.crossings.map(crossingCells),
  }
}

function crossingCells(crossing: Crossing): Cell[] {
  const { users, interval, prediction, bracket, trials, ceilingPerS, ceilingInterval } = crossing
  const none = crossing.provisional && users !== null ? 'provisional' : null
  return [
    cell(crossing.arm, 'strong'),
    cell(String(trials)),
    users === null ? cell(STATES[crossing.state], 'muted') : cell(amount(users), 'strong'),
    none ? cell(none, 'muted') : cell(range(interval, amount)),
    none ? cell(none, 'muted') : cell(range(prediction, amount)),
    cell(range(bracket, amount)),
    cell(amount(ceilingPerS)),
    none ? cell(none, 'muted') : cell(range(ceilingInterval, amount)),
  ]
}
