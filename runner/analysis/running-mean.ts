import type { Stage } from '../measurement/stage.ts'

/** A chart's point: what the running mean was as a step of the ramp ended. */
export type RunningPoint = Readonly<{ users: number; ms: number }>

/**
 * The mean of what ended between two ends, from the running means at both: m = (A1 n1 - A0 n0) / (n1 - n0).
 *
 * @param before absent: since the load began
 * @returns ms; null where nothing ended between them, or where it was not measured
 */
export function meanBetween({ sinceStart: last }: Stage, before?: Stage): number | null {
  const first = before === undefined ? NOTHING : before.sinceStart
  if (!last || !first || last.meanMs === null) return null
  const requests = last.requests - first.requests
  if (requests <= 0) return null
  return (last.meanMs * last.requests - (first.meanMs ?? 0) * first.requests) / requests
}

const NOTHING: Stage['sinceStart'] & {} = { requests: 0, meanMs: null }

/**
 * The running mean at the end of each valid step of one trial's ramp.
 *
 * @param fromUsers the step at which it begins to be counted, as in a test that began there; absent: the first
 */
export function runningMeans(stages: readonly Stage[], fromUsers = 0): RunningPoint[] {
  const ramp = stages.filter(({ kind }) => kind === 'ramp')
  const from = ramp.findIndex(({ users }) => users >= fromUsers)
  if (from < 0) return []
  return ramp.slice(from).flatMap((stage) => {
    const ms = stage.validity.valid ? meanBetween(stage, ramp[from - 1]) : null
    return ms === null ? [] : [{ users: stage.users, ms }]
  })
}

/**
 * Where points of a chart pass the threshold, on a straight line between the two around it.
 *
 * @param points by users
 * @returns users; null where no two of them stand around it
 */
export function chartCrossing(points: readonly RunningPoint[], thresholdMs: number): number | null {
  const at = points.findIndex(({ ms }) => ms >= thresholdMs)
  const [low, high] = [points[at - 1], points[at]]
  if (!low || !high) return null
  return low.users + ((high.users - low.users) * (thresholdMs - low.ms)) / (high.ms - low.ms)
}
