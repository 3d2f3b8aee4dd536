import { type Decision, decisionsOf } from '../../analysis/factors/decisions.ts'
import { FACTORS } from '../../analysis/factors/grid.ts'
import type { Run } from '../../measurement/run.ts'
import {
  type FactorLevel,
  type FactorView,
  factorViews,
  type Figure,
} from '../../analysis/factors/levels.ts'
import { amount, cell, type Cell, ms, NONE, range, type Sheet, times, us } from '../sheet.ts'

/**
 * What decides: the effect of each connection mode and of each framework. null unless the run's arms form a grid of 2 × 2 or more.
 */
export function factorsSheet(run: Run): Sheet | null {
  const decisions = decisionsOf(run)
  if (decisions.length === 0) return null
  return {
    title: whatDecides(decisions[0]),
    notes: [
      'effect: ratio to the geometric mean over all; two-way analysis of variance on the logarithm (Jain 1991, chapters 21 and 22), 95 % intervals by Student’s t',
      ...new Set(decisions.map(errorNote)),
      ...(decisions.some(({ missingCells }) => missingCells > 0) ? [OVERLAP] : []),
    ],
    keys: 3,
    columns: [
      { head: 'figure', kind: 'name' },
      { head: 'factor', kind: 'name' },
      { head: 'level', kind: 'name' },
      { head: 'effect', unit: 'times the mean', kind: 'figure' },
      { head: '95 % interval', kind: 'figure' },
    ],
    rows: decisions.flatMap(decisionRows),
  }
}

const OVERLAP =
  'not every framework has every mode, so the factors overlap: the effects are by least squares'

const whatDecides = (decision: Decision | undefined): string =>
  `What decides: ${decision?.names.mode.long} or ${decision?.names.framework.long}`

function errorNote({ errorTerm, freedom }: Decision): string {
  const degrees = `${freedom} degree${freedom === 1 ? '' : 's'} of freedom`
  return errorTerm === 'trials'
    ? `error: what differs between trials of the same arm, ${degrees}`
    : `error: with one trial an arm, what the two factors leave (their interaction), ${degrees}`
}

function decisionRows({ figure, names, levels }: Decision): Cell[][] {
  return FACTORS.flatMap((factor) =>
    levels
      .filter((level) => level.factor === factor)
      .map(({ level, ratio, low, high }) => [
        cell(figure, 'strong'),
        cell(names[factor].short),
        cell(level),
        cell(times(ratio)),
        cell(range({ low, high }, times), ...(low <= 1 && high >= 1 ? (['muted'] as const) : [])),
      ]),
  )
}

/** Each factor that was varied, against its levels: one table for each arm that it was varied on. */
export function levelSheets(run: Run): Sheet[] {
  return factorViews(run).map((view): Sheet => {
    const hasTrips = view.levels.some(({ roundTripMs }) => roundTripMs !== null)
    return {
      title: `What it costs: ${view.factor} (changed from ${view.from})`,
      notes: [
        view.users === null
          ? 'no step of the ramp is valid at every level, so neither cost nor p95 can be compared'
          : `CPU a request and p95 at equal users: ${view.users}, the most that every level serves below the threshold`,
        'intervals: 95 %; best: no level serves more users; ≈: cannot be told from the best, be it for its interval or because a trial of it is known by a bound alone (open)',
        ...(view.optimum?.lacksTrials
          ? [
              'a level lacks a trial: best and ≈ are of what level and round explain, not of the means shown',
            ]
          : []),
      ],
      keys: 2,
      columns: [
        { head: 'level', kind: 'name' },
        { head: '', kind: 'name' },
        ...(hasTrips ? [{ head: 'round trip', unit: 'ms', kind: 'figure' } as const] : []),
        { head: 'crossing', unit: 'users', kind: 'figure' },
        { head: 'ceiling', unit: 'req/s', kind: 'figure' },
        { head: 'app', unit: 'µs', kind: 'figure' },
        { head: 'db', unit: 'µs', kind: 'figure' },
        { head: 'p95', unit: 'ms', kind: 'figure' },
      ],
      rows: view.levels.map((level) => [
        cell(level.level, 'strong'),
        cell(mark(level, view)),
        ...(hasTrips ? [cell(ms(level.roundTripMs))] : []),
        ...[
          withInterval(level.crossing, amount),
          withInterval(level.ceiling, amount),
          withInterval(level.appUs, us),
          withInterval(level.dbUs, us),
          withInterval(level.p95Ms, ms),
        ].map((text) => cell(text)),
      ]),
    }
  })
}

function mark({ level }: FactorLevel, { optimum }: FactorView): string {
  if (optimum?.best === level) return 'best'
  return optimum?.candidates?.includes(level) ? '≈' : ''
}

const withInterval = (
  figure: Figure | null,
  format: (value: number | null | undefined) => string,
): string =>
  figure === null
    ? NONE
    : figure.interval === null
      ? format(figure.value)
      : `${format(figure.value)}\n${range(figure.interval, format)}`
