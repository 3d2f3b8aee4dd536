import type { Stage } from '../measurement/stage.ts'
import { responseMs } from './crossing/estimate.ts'
import { mean, variance } from './statistics/moments.ts'

/** What the edges of a window do to what is counted in it. */
type Measured = Omit<Stage, 'validity'>

/** Standard errors that a figure may differ by. */
const SIGMAS = 3

/**
 * Requests that the number in flight, which each user is with the same chance, differs by at the window's two
 * edges: three standard errors.
 */
export function edgeNoise(stage: Measured): number {
  const meanMs = responseMs(stage, 'mean') ?? 0
  const thinks = (stage.thinkMs.min + stage.thinkMs.max) / 2
  const waiting = meanMs / Math.max(1, meanMs + thinks)
  return SIGMAS * Math.sqrt(2 * stage.users * waiting * (1 - waiting))
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

/**
 * Requests by which a user may miss in an older run, which does not say what its window's edges cut: each sends
 * one more or less, by where the edges fall, a standard deviation of half a request at most. Three of them,
 * which only short windows of few users feel.
 */
const EDGES = 3 / 2

/**
 * Share of the users who may stand together at an edge of the window, and send one request more or less in it
 * than others: after a stage past the knee they were answered together. Stages of 3 to 8 s on two cores
 * showed 1 to 2 % by this. Beyond 7 s the bound of 1 % is the larger at half a second of think time.
 */
const BUNCHED = 0.15

/**
 * The most that uneven seconds may excuse there, as a share of the users.
 */
const UNEVEN_MOST = 0.03

/**
 * Three standard errors of the mean throughput, as a share of it, by the spread of the window's own seconds:
 * users who bunch, or wait longer at one edge than at the other, make the law's two sides differ by as much
 * without a response being lost. Near 0 in a steady window, and smaller the longer it is.
 */
function throughputNoise(seconds: Stage['seconds']): number {
  const counts = seconds.map(({ requests, failed }) => requests + failed)
  const centre = mean(counts)
  if (counts.length < 2 || centre === 0) return 0
  return Math.min(UNEVEN_MOST, (SIGMAS * Math.sqrt(variance(counts) / counts.length)) / centre)
}

/** Share of the users that an older run's figures may miss by Little's law without a response being lost. */
export function lawNoiseOfOlderRuns({ all, users, thinkMs, holdS, seconds }: Measured): number {
  const cycleS = ((all.meanMs ?? 0) + (thinkMs.min + thinkMs.max) / 2) / 1000
  const edges = (EDGES * cycleS) / (holdS * Math.sqrt(users))
  const bunched = (BUNCHED * cycleS) / holdS
  return Math.max(edges, bunched, throughputNoise(seconds))
}
