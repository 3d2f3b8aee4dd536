import { isotonic } from './isotonic.ts'

export type Point = { readonly users: number; readonly ms: number }
export type Bracket = { readonly low: number; readonly high: number }

/** Where points by users reach the threshold, if they do. */
export type Located =
  | { readonly state: 'crossed'; readonly users: number; readonly bracket: Bracket }
  | { readonly state: 'crossed-below' }
  | { readonly state: 'not-reached' }
  | { readonly state: 'no-valid-stage' }

/**
 * The number of users at which the response time reaches the threshold, interpolated linearly inside
 * its bracket (past the knee a closed loop's response time is a line in its users, N / X - Z). The
 * points are made monotone first, so that noise gives one crossing and not several.
 *
 * @param points by users, ascending
 */
export function locate(points: readonly Point[], thresholdMs: number): Located {
  const fitted = isotonic(points.map(({ ms }) => ms))
  const [first, last] = [fitted[0], fitted.at(-1)]
  if (first === undefined || last === undefined) return { state: 'no-valid-stage' }
  if (first >= thresholdMs) return { state: 'crossed-below' }
  if (last < thresholdMs) return { state: 'not-reached' }
  const at = fitted.findIndex((ms) => ms >= thresholdMs)
  const [low, high] = [points[at - 1], points[at]]
  const [lowMs, highMs] = [fitted[at - 1], fitted[at]]
  if (!low || !high || lowMs === undefined || highMs === undefined)
    throw new Error('locate: points must be given by users, ascending')
  const share = (thresholdMs - lowMs) / (highMs - lowMs)
  return {
    state: 'crossed',
    users: low.users + share * (high.users - low.users),
    bracket: { low: low.users, high: high.users },
  }
}
