import type { Run } from '../measurement/run.ts'
import type { Mode } from '../measurement/trial.ts'

/** The mode an arm promises; null if it promises none that is known. */
export function modeOf({ configuration }: Pick<Run, 'configuration'>, arm: string): Mode | null {
  const mode = configuration.arms.find(({ name }) => name === arm)?.mode
  return mode === 'pooled' || mode === 'persistent' || mode === 'per-request' ? mode : null
}
