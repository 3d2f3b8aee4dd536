import type { Run } from '../measurement/run.ts'
import { analyseArm } from './arm-analysis.ts'
import { comparesConnections } from './claims/arms.ts'
import { judgeClaims } from './claims/verdict.ts'
import { armNames } from './levels.ts'

/** Crossings of each arm in earlier runs on the same host with the same configuration. */
export type EarlierRuns = ReadonlyMap<string, readonly number[]>

/**
 * The crossings of a run's arms and its verdicts on the article's claims: none where the arms do not differ in how
 * they connect, or are levels of a factor, of which the article said nothing.
 *
 * @param earlier from the ledger: what runs differ by enters the intervals; without it they are of this run
 */
export function analyse(
  run: Omit<Run, 'crossings' | 'claims'>,
  earlier: EarlierRuns = new Map(),
): Pick<Run, 'crossings' | 'claims'> {
  const arms = new Map(armNames(run).map((arm) => [arm, analyseArm(run, arm, earlier.get(arm))]))
  return {
    crossings: [...arms.values()].map(({ crossing }) => crossing),
    claims: comparesConnections(run) ? judgeClaims({ run, arms }) : [],
  }
}
