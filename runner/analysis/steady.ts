import type { Second } from '../measurement/figures.ts'
import { batchMeans, halfWidth } from './statistics/batch-means.ts'
import { mean, variance } from './statistics/moments.ts'

/**
 * Shares of a user's cycle (response and think time): by the law an error of the cycle is one of the
 * throughput, and so of the crossing. Far below the knee a second or two meets them, near it they take long.
 */
const SETTLED = 0.02
const PRECISE = 0.01
/** Seconds before anything can be said. */
const LEAST_SECONDS = 2

/**
 * Is a number of users past its transient? By MSER: of the seconds so far those are cut off without which
 * the mean of the rest is known best; where half of them would have to go, or more, it is not settled.
 * (MSER-5 takes means of five observations; a second's mean is one of many more.) The halves of what is
 * left must agree too, since a latency that climbs steadily has no best cut.
 *
 * Source: White, An Effective Truncation Heuristic for Bias Reduction in Simulation Output, Simulation
 * 69(6), 1997; White, Cobb and Spratt, Winter Simulation Conference 2000 (MSER-5).
 */
export function isSettled(seconds: readonly Second[], thinkMs: number): boolean {
  const series = latencies(seconds)
  if (series.length < LEAST_SECONDS) return false
  const little = SETTLED * (mean(series) + thinkMs)
  if (Math.max(...series) - Math.min(...series) <= little) return true
  const cut = mserCut(series)
  if (cut >= Math.floor(series.length / 2)) return false
  const rest = series.slice(cut)
  const half = Math.floor(rest.length / 2)
  return Math.abs(mean(rest.slice(-half)) - mean(rest.slice(0, half))) <= little
}

/** The number of values at the start, at most half, without which the mean's standard error is least. */
export function mserCut(series: readonly number[]): number {
  let [best, least] = [0, Infinity]
  for (let cut = 0; cut <= series.length / 2; cut += 1) {
    const rest = series.slice(cut)
    const squared = (variance(rest) * (rest.length - 1)) / rest.length ** 2
    if (squared < least) [best, least] = [cut, squared]
  }
  return best
}

/** A little over what a stage must have to be valid (validity.ts). */
const LEAST_REQUESTS = 120
/** Past the knee (a response time over this share of the think time) a shorter window fails sound stages. */
const BUSY = 1 / 20
const LEAST_BUSY_SECONDS = 7

/** Is the mean response time of a window known well enough to move on? */
export function isPrecise(seconds: readonly Second[], thinkMs: number): boolean {
  if (seconds.reduce((sum, { requests }) => sum + requests, 0) < LEAST_REQUESTS) return false
  const estimate = batchMeans(latencies(seconds))
  const isBusy = estimate !== null && estimate.mean > BUSY * thinkMs
  if (isBusy && seconds.length < LEAST_BUSY_SECONDS) return false
  return estimate !== null && halfWidth(estimate) <= PRECISE * (estimate.mean + thinkMs)
}

function latencies(seconds: readonly Second[]): number[] {
  return seconds.map(({ meanMs }) => meanMs).filter((value) => value !== null)
}
