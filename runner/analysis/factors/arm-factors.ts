import type { Run } from '../../measurement/run.ts'
import type { Mode } from '../../measurement/trial.ts'
import { modeOf } from '../mode-of.ts'

/** The reference service's arms are named after their mode alone. */
const REFERENCE = 'reference'

/** What was varied to make an arm. */
export interface ArmFactors {
  readonly arm: string
  readonly framework: string
  readonly mode: Mode
}

/**
 * Framework and mode of each arm, from its name: `framework-mode`, or the mode alone. An arm of another
 * name (a target, the floor) stands in no grid.
 */
export function armFactors(run: Pick<Run, 'configuration'>): ArmFactors[] {
  return run.configuration.arms.flatMap(({ name: arm }): ArmFactors[] => {
    const mode = modeOf(run, arm)
    if (mode === null) return []
    if (arm === mode) return [{ arm, framework: REFERENCE, mode }]
    const suffix = `-${mode}`
    const framework = arm.endsWith(suffix) ? arm.slice(0, -suffix.length) : ''
    return framework === '' ? [] : [{ arm, framework, mode }]
  })
}
