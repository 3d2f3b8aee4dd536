import { locate } from './crossing.ts'
import type { Random } from './random.ts'
import type { Response } from './response.ts'

const DRAWS = 1000
/** A crossing rests on the responses at both sides of it, so on the degrees of freedom of both (Welch). */
const SIDES = 2

/**
 * Crossings that the noise within one trial could as well have given: each response is drawn anew from
 * Student's t around its mean with its own error and what its neighbours show beyond it (stage-noise.ts),
 * and the crossing located again. Their 2.5 % and 97.5 % points are a within-run interval. Nothing of what
 * differs between runs is in it.
 *
 * @param stageNoiseMs standard deviation of a stage's mean beyond its own error
 * @returns null if a response has no error, or a draw does not cross in over 5 % of the cases
 * Source: the parametric bootstrap, Efron and Tibshirani, An Introduction to the Bootstrap, 1993,
 * section 6.5.
 */
export function crossingDraws(
  responses: readonly Response[],
  { thresholdMs, stageNoiseMs = 0 }: Readonly<{ thresholdMs: number; stageNoiseMs?: number }>,
  random: Random,
): number[] | null {
  if (responses.some(({ estimate }) => estimate === null)) return null
  const draws: number[] = []
  for (let drawn = 0; drawn < DRAWS; drawn += 1) {
    const points = responses.map(({ users, ms, estimate }) => ({
      users,
      ms: estimate
        ? ms + Math.hypot(estimate.error, stageNoiseMs) * deviate(random, SIDES * estimate.freedom)
        : ms,
    }))
    const located = locate(points, thresholdMs)
    if (located.state === 'crossed') draws.push(located.users)
  }
  return draws.length >= 0.95 * DRAWS ? draws : null
}

/**
 * A random number of Student's t distribution, by the polar method.
 * Source: R. W. Bailey, Mathematics of Computation 62(206), 1994.
 */
function deviate(random: Random, freedom: number): number {
  for (;;) {
    const u = 2 * random.uniform() - 1
    const v = 2 * random.uniform() - 1
    const w = u * u + v * v
    if (w <= 1 && w > 0) return u * Math.sqrt((freedom * (w ** (-2 / freedom) - 1)) / w)
  }
}

/** The value below which a share of the sample lies (type 7 of Hyndman and Fan, 1996). */
export function quantile(sample: readonly number[], share: number): number {
  const sorted = sample.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  if (below === undefined || above === undefined) return Number.NaN
  return below + (place - Math.floor(place)) * (above - below)
}
