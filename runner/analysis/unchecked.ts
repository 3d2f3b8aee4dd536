import type { Mode } from '../measurement/trial.ts'
import { driftNoise } from './drift.ts'
import type { Unjudged } from './validity.ts'

/** Checks that a figure was missing for: no reason to reject a stage, but to be said. */
export function unchecked(stage: Unjudged, { mode }: { readonly mode: Mode | null }): string[] {
  const missing: string[] = []
  if (stage.connectionsPerRequest === null)
    missing.push('connections: the database could not count them')
  else if (mode === null) missing.push('connections: the arm promises no mode')
  if (driftNoise(stage.seconds) === null) missing.push('drift: the window is too short to tell')
  return missing
}
