import type { Second } from '../measurement/figures.ts'
import { lagOneCorrelation, studentT, variance } from './statistics/moments.ts'

/** One stage in a hundred is called drifting by noise alone, and is then measured once more. */
const CONFIDENCE = 0.99
/** Seconds a half must have before its spread says anything. */
export const LEAST_SECONDS = 3

type Timed = { requests: number; meanMs: number }
type Halves = { first: Timed[]; second: Timed[]; firstMs: number; secondMs: number }

/** Mean latency of the window's second half / first half - 1; null with fewer than two seconds. */
export function drift(seconds: readonly Second[]): number | null {
  const halves = split(seconds)
  return halves && halves.secondMs / halves.firstMs - 1
}

/**
 * The drift that noise alone explains, as a ratio to the first half's mean; null if the window is
 * too short to tell. Welch's two-sample t test on the per-second means of the halves, whose standard
 * error is widened for autocorrelation as of a first-order process, sqrt((1 + r) / (1 - r)).
 *
 * Source: B. L. Welch, Biometrika 34, 1947; for the widening Law, Simulation Modeling and Analysis,
 * 5th ed. 2015, section 4.4 (variance of the mean of a correlated series).
 */
export function driftNoise(seconds: readonly Second[]): number | null {
  const halves = split(seconds)
  if (!halves || fewerSeconds(halves) < LEAST_SECONDS) return null
  const [a, b] = [halves.first, halves.second].map((half) => half.map((second) => second.meanMs))
  if (!a || !b) return null
  const r = Math.min(0.9, Math.max(0, (lagOneCorrelation(a) + lagOneCorrelation(b)) / 2))
  const [errorA, errorB] = [variance(a) / a.length, variance(b) / b.length]
  const squared = errorA + errorB
  if (squared === 0) return 0
  const freedom = squared ** 2 / (errorA ** 2 / (a.length - 1) + errorB ** 2 / (b.length - 1))
  const widened = Math.sqrt((squared * (1 + r)) / (1 - r))
  return (studentT(CONFIDENCE, freedom) * widened) / halves.firstMs
}

const fewerSeconds = ({ first, second }: Halves): number => Math.min(first.length, second.length)

/**
 * Of a window that is long enough to tell a drift: the seconds with a success in the half that has
 * fewer, where those are too few to tell it (the service, or the runner, was silent); else null.
 */
export function silentHalf(seconds: readonly Second[]): number | null {
  const half = Math.floor(seconds.length / 2)
  if (half < LEAST_SECONDS) return null
  const timedIn = (part: readonly Second[]): number => timed(part).length
  const fewer = Math.min(timedIn(seconds.slice(0, half)), timedIn(seconds.slice(-half)))
  return fewer < LEAST_SECONDS ? fewer : null
}

/** An odd second in the middle belongs to neither half; a second without a success to none. */
function split(seconds: readonly Second[]): Halves | null {
  const half = Math.floor(seconds.length / 2)
  const first = timed(seconds.slice(0, half))
  const second = timed(seconds.slice(seconds.length - half))
  if (first.length === 0 || second.length === 0) return null
  const firstMs = weightedMean(first)
  return firstMs > 0 ? { first, second, firstMs, secondMs: weightedMean(second) } : null
}

function timed(seconds: readonly Second[]): Timed[] {
  return seconds.flatMap(({ requests, meanMs }) => (meanMs === null ? [] : [{ requests, meanMs }]))
}

function weightedMean(seconds: readonly Timed[]): number {
  const requests = seconds.reduce((sum, second) => sum + second.requests, 0)
  return seconds.reduce((sum, second) => sum + second.requests * second.meanMs, 0) / requests
}
