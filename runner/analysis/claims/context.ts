import type { Run } from '../../measurement/run.ts'
import type { ArmAnalysis } from '../arm-analysis.ts'
import type { Role } from '../article.ts'
import type { Random } from '../random.ts'
import { armOf } from './roles.ts'

export type Unanalysed = Omit<Run, 'crossings' | 'claims'>

/** What a predicate may look at. */
export interface Context {
  readonly run: Unanalysed
  readonly arms: ReadonlyMap<string, ArmAnalysis>
  readonly random: Random
}

/** The arm that plays a part, or the sentence that says why there is none. */
export function cast({ run, arms }: Context, role: Role): ArmAnalysis | string {
  const arm = armOf(run, role)
  if (arm === null) return `no arm of this run is ${role}`
  const analysis = arms.get(arm)
  if (!analysis || !analysis.measured) return `${arm} has no valid stage`
  return analysis
}
