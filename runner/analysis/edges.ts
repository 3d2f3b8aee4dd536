import type { Stage } from '../measurement/stage.ts'
import { responseMs } from './crossing/estimate.ts'

/** What the edges of a window do to what is counted in it. */
type Measured = Omit<Stage, 'validity'>

/** Standard errors that a figure may differ by. */
const SIGMAS = 3

/**
 * Requests that the number in flight differs by at the window's two edges: three standard errors of what one queue
 * does to users who pause and wait (machine interference: M/M/1//N). While few wait, L of them, those in flight vary
 * by L (1 + L); where the queue is never empty, by as much as the users who pause, who come and go as Poisson has it.
 */
export function edgeNoise(stage: Measured): number {
  const meanMs = responseMs(stage, 'mean') ?? 0
  const thinks = (stage.thinkMs.min + stage.thinkMs.max) / 2
  const waiting = (stage.users * meanMs) / Math.max(1, meanMs + thinks)
  // Where nobody pauses, rounding may have more of them wait than there are.
  const variance = Math.max(0, Math.min(waiting * (1 + waiting), stage.users - waiting))
  return SIGMAS * Math.sqrt(2 * variance)
}

/**
 * Least and most connections that a service opens in a window for each request sent in it, if it opens one for
 * each that it begins to serve: where a queue drains or grows those are as many as end in it, and not as many
 * as are sent; and of those in flight at its edges chance has a few more or less.
 */
export function openedForEach(stage: Measured): [least: number, most: number] {
  const sent = Math.max(1, stage.outcomes.sent)
  const served = (stage.ended ?? sent) / sent
  const noise = edgeNoise(stage) / sent
  return [Math.min(1, served) - noise, Math.max(1, served) + noise]
}
