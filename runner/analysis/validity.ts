import type { Stage } from '../measurement/stage.ts'
import type { Promised, Unjudged } from './checks/check.ts'
import { BOUNDS, type CheckId, CHECKS, checksThat } from './checks/checks.ts'

/**
 * Is this stage a valid measurement? Every check that fails gives its figure, its bound and a sentence.
 * A figure that could not be read fails nothing: see `unchecked` below.
 */
export function judge(stage: Unjudged, promised: Promised): Stage['validity'] {
  const reasons = CHECKS.flatMap((check) =>
    typeof check.judge === 'string' ? [] : (check.judge(stage, promised) ?? []),
  )
  return { valid: reasons.length === 0, reasons }
}

/** Checks that a figure was missing for, and why: no reason to reject a stage, but to be said. */
export function unchecked(stage: Unjudged, promised: Promised): string[] {
  const missing = CHECKS.flatMap(({ id, unread }) => {
    const why = unread?.(stage, promised) ?? null
    return why === null ? [] : [{ id, why }]
  })
  return [...Map.groupBy(missing, ({ why }) => why)].map(
    ([why, checks]) => `${checks.map(({ id }) => id).join(' and ')}: ${why}`,
  )
}

/** Is this check among the reasons against the stage? */
export const fails = ({ validity }: Pick<Stage, 'validity'>, id: CheckId): boolean =>
  validity.reasons.some(({ check }) => check === id)

const OF_THE_RUNNER = checksThat(({ blames }) => blames === 'runner')

/** Was it the load generator that could not keep up, or that ran out of sockets? */
export function limitedByRunner(stage: Stage): boolean {
  const { all, outcomes, validity } = stage
  // A few beside a service that fails by itself are not what made the stage fail.
  const few = BOUNDS.errors.ofSent * outcomes.sent
  const exhausted = (all.errors['client-exhausted'] ?? 0) > few
  return (
    (exhausted && fails(stage, 'errors')) ||
    validity.reasons.some(({ check }) => OF_THE_RUNNER.has(check))
  )
}
