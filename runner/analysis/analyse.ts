import type { Run } from '../measurement/run.ts'
import type { Studied } from '../measurement/study.ts'
import { analysisOf, type WithAnalyses } from './arm-analysis.ts'
import { comparesConnections } from './claims/arms.ts'
import { judgeClaims } from './claims/verdict.ts'
import { armNames } from './levels.ts'

/**
 * The crossings of a run's arms and its verdicts on the claims of its study: none without a study, or where the
 * arms do not differ in how they connect, or are levels of a factor, of which no claim speaks.
 */
export function analyse(
  run: WithAnalyses<Studied<Omit<Run, 'crossings' | 'claims'>>>,
): Pick<Run, 'crossings' | 'claims'> {
  const arms = new Map(armNames(run).map((arm) => [arm, analysisOf(run, arm)]))
  return {
    crossings: [...arms.values()].map(({ crossing }) => crossing),
    claims: comparesConnections(run) ? judgeClaims({ run, arms }) : [],
  }
}
