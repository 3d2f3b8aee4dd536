import type { Run } from '../measurement/run.ts'
import { analyseArm } from './arm-analysis.ts'
import { judgeClaims } from './claims/registry.ts'
import { armNames } from './levels.ts'
import { seeded } from './statistics/moments.ts'

/**
 * The crossings of a run's arms and its verdicts on the article's claims. The same run gives the same
 * answer: the random numbers of the intervals come from the run's seed, a stream of its own for each arm.
 */
export function analyse(run: Omit<Run, 'crossings' | 'claims'>): Pick<Run, 'crossings' | 'claims'> {
  const { seed } = run.configuration
  const names = armNames(run)
  const arms = new Map(names.map((arm, at) => [arm, analyseArm(run, arm, seeded(seed + 1 + at))]))
  return {
    crossings: [...arms.values()].map(({ crossing }) => crossing),
    claims: judgeClaims({ run, arms, random: seeded(seed) }),
  }
}
