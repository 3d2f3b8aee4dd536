import type { Estimate } from './batch-means.ts'
import { studentT } from './moments.ts'
import { confidence } from './trials.ts'
import { type BetweenRuns, together } from './welch.ts'

/**
 * How far two runs of one commit on one host are apart beyond what differs between their trials, as standard
 * deviations on the logarithm. No run shows it by itself. From the reference runs of the ledger
 * (results/index.json); capacity from ten runs of one commit, one machine and one hour (`npm run aa`), whose crossings
 * were 3.4 to 4.4 % apart beyond their trials.
 */
export const BETWEEN_RUNS: Readonly<
  Record<'capacity' | 'response' | 'cost' | 'host', BetweenRuns>
> = {
  capacity: { sd: 0.035, freedom: 9 },
  response: { sd: 0.1, freedom: 6 },
  cost: { sd: 0.06, freedom: 6 },
  host: { sd: 0.06, freedom: 6 },
}

/**
 * Where the mean of another run of as many trials would fall on the same machine, with 95 % probability, by what the
 * trials of this one show and by what runs differ in anyway.
 *
 * @param estimate on the logarithm
 */
export function prediction({ mean, error, freedom }: Estimate): [number, number] {
  const { sd, freedom: ofRuns } = BETWEEN_RUNS.capacity
  const parts = [
    { square: 2 * error ** 2, freedom },
    { square: 2 * sd ** 2, freedom: ofRuns },
  ]
  return confidence({ mean, ...together(parts) })
}

/**
 * How far two such runs are apart nineteen times out of twenty, at most, with nothing changed: a share, such as
 * 0.21. Student's t on the logarithm.
 */
export function apartAnyway(what: keyof typeof BETWEEN_RUNS): number {
  const { sd, freedom } = BETWEEN_RUNS[what]
  return Math.exp(studentT(0.95, freedom) * Math.SQRT2 * sd) - 1
}
