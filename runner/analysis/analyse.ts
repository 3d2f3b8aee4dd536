import type { Run } from '../measurement/run.ts'
import { analyseArm } from './arm-analysis.ts'
import { comparesConnections } from './claims/arms.ts'
import { judgeClaims } from './claims/verdict.ts'
import { armNames } from './levels.ts'

/**
 * The crossings of a run's arms and its verdicts on the article's claims: none where the arms do not differ in how
 * they connect, or are levels of a factor, of which the article said nothing.
 */
export function analyse(run: Omit<Run, 'crossings' | 'claims'>): Pick<Run, 'crossings' | 'claims'> {
  const arms = new Map(armNames(run).map((arm) => [arm, analyseArm(run, arm)]))
  return {
    crossings: [...arms.values()].map(({ crossing }) => crossing),
    claims: comparesConnections(run) ? judgeClaims({ run, arms }) : [],
  }
}
