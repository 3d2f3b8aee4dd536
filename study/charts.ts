import { chartCrossing, type RunningPoint } from '../runner/analysis/running-mean.ts'
import { middleOf } from '../runner/analysis/claims/predictions.ts'
import type { Reading, Step } from '../runner/measurement/study.ts'

/**
 * The mean response time of a step, ms, by the interactive response time law, m = N / X - Z (Denning and Buzen, ACM
 * Computing Surveys 10(3), 1978): needs no running mean.
 */
export const meanByLaw = (users: number, perS: number, thinkMs: number): number =>
  (1000 * users) / perS - thinkMs

/** The pause before a request, ms, that a step's own mean and its requests/s leave: Z = N / X - m. */
export const thinkByLaw = (users: number, perS: number, ownMs: number): number =>
  (1000 * users) / perS - ownMs

/**
 * Share of all requests so far that a step must hold for the running mean to go from one value to the next with that
 * own mean: (A1 - A0) / (m - A0), of A1 n1 - A0 n0 = m (n1 - n0).
 */
export const shareOfStep = (beforeMs: number, afterMs: number, ownMs: number): number =>
  (afterMs - beforeMs) / (ownMs - beforeMs)

/** Users at which the steps' own means reach the threshold, on a straight line between two steps; null if they do not. */
export function ownCrossing(steps: readonly Step[], thresholdMs: number): number | null {
  const points = steps.flatMap(({ users, ownMs }): RunningPoint[] =>
    ownMs === undefined ? [] : [{ users, ms: middleOf(ownMs) }],
  )
  return chartCrossing(points, thresholdMs)
}

/** Does a value lie in what was read, or so near to it? */
export function isWithin(value: number, reading: Reading, error: number): boolean {
  const [low, high] = typeof reading === 'number' ? [reading, reading] : [reading.low, reading.high]
  return value >= low - error && value <= high + error
}
