import type { Stage } from '../measurement/stage.ts'

const RUNNER_CHECKS = new Set(['client-cpu', 'client-event-loop'])

/** Was it the load generator that could not keep up? */
export function limitedByRunner({ validity }: Stage): boolean {
  return validity.reasons.some(({ check }) => RUNNER_CHECKS.has(check))
}
