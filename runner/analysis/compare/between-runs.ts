import { studentT } from '../statistics/moments.ts'
import type { BetweenRuns } from './welch.ts'

/**
 * How far two runs of one commit on one host are apart beyond what differs between their trials, as standard
 * deviations on the logarithm. No run shows it by itself. From the reference runs of the ledger
 * (results/index.json), and held against runs of one commit by `npm run aa`.
 */
export const BETWEEN_RUNS: Readonly<
  Record<'capacity' | 'response' | 'cost' | 'host', BetweenRuns>
> = {
  capacity: { sd: 0.055, freedom: 6 },
  response: { sd: 0.1, freedom: 6 },
  cost: { sd: 0.06, freedom: 6 },
  host: { sd: 0.06, freedom: 6 },
}

/**
 * How far two such runs are apart nineteen times out of twenty, at most, with nothing changed: a share, such as
 * 0.21. Student's t on the logarithm.
 */
export function apartAnyway(what: keyof typeof BETWEEN_RUNS): number {
  const { sd, freedom } = BETWEEN_RUNS[what]
  return Math.exp(studentT(0.95, freedom) * Math.SQRT2 * sd) - 1
}
