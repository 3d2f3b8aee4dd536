import type { Crossing } from '../../measurement/verdict.ts'
import { bootstrap, geometricMean } from '../statistics/bootstrap.ts'
import { mean, type Random } from '../statistics/moments.ts'
import { type Bracket, locate, type Located, type Response } from './estimate.ts'
import { isNarrow } from './search.ts'

/** What one trial of an arm says of its crossing. */
export interface TrialCrossing {
  readonly index: number
  readonly points: readonly Response[]
  readonly located: Located
}

export interface Found extends Pick<Crossing, 'state' | 'users' | 'bracket' | 'interval'> {
  /** Crossings that the noise within the only trial allows; null with several trials or without. */
  readonly draws: readonly number[] | null
}

type Closed = Readonly<{ thresholdMs: number; thinkMs: number }>

const NOTHING = { users: null, bracket: null, interval: null, draws: null }

/**
 * The crossing of an arm. One trial: interpolated, with a within-run interval. Several that all cross:
 * the geometric mean of their crossings, a bootstrap interval over trials, and the bracket that holds
 * all of theirs. If only some cross, the responses averaged over trials decide, without an interval.
 *
 * @param trials those with a valid stage
 * @param averaged responses by users over all trials
 * @param setting.thinkMs mean think time between two requests of a user
 */
export function armCrossing(
  trials: readonly TrialCrossing[],
  averaged: readonly Response[],
  setting: Closed,
  random: Random,
): Found {
  const crossed = trials.flatMap(({ located }) => (located.state === 'crossed' ? [located] : []))
  const [only] = trials
  if (only && trials.length === 1 && only.located.state === 'crossed')
    return { ...only.located, ...withinRun(only.points, only.located.bracket, setting, random) }
  if (crossed.length > 1 && crossed.length === trials.length) {
    const logs = crossed.map(({ users }) => Math.log(users))
    const found = bootstrap(logs, mean, random)
    return {
      state: 'crossed',
      users: geometricMean(crossed.map(({ users }) => users)),
      bracket: {
        low: Math.min(...crossed.map(({ bracket }) => bracket.low)),
        high: Math.max(...crossed.map(({ bracket }) => bracket.high)),
      },
      interval: found && {
        low: Math.exp(found.low),
        high: Math.exp(found.high),
        kind: 'between-trials',
      },
      draws: null,
    }
  }
  const located = locate(averaged, setting.thresholdMs)
  return { ...NOTHING, ...located }
}

/** Levels far from the bracket do not move the crossing, and drawing them takes time. */
const NEIGHBOURS = 3

function withinRun(
  points: readonly Response[],
  bracket: Bracket,
  { thresholdMs, thinkMs }: Closed,
  random: Random,
): Pick<Found, 'interval' | 'draws'> {
  // Inside a wide bracket a straight line is a guess, which the noise at its ends says nothing of.
  if (!isNarrow(bracket)) return { interval: null, draws: null }
  const at = points.findIndex(({ users }) => users === bracket.high)
  const near = points.slice(Math.max(0, at - NEIGHBOURS), at + NEIGHBOURS)
  const noise = { thresholdMs, noiseMs: stageNoiseMs(near, thinkMs) }
  const draws = crossingDraws(near, noise, random)
  if (!draws) return { interval: null, draws: null }
  const [low, high] = [quantile(draws, 0.025), quantile(draws, 0.975)]
  return { interval: { low, high, kind: 'within-run' }, draws }
}

const DRAWS = 1000
/** A crossing rests on the responses at both sides of it, so on the degrees of freedom of both (Welch). */
const SIDES = 2

/**
 * Crossings that the noise within one trial could as well have given: each response is drawn anew from
 * Student's t around its mean with its own error and what its neighbours show beyond it (stageNoiseMs),
 * and the crossing located again. Their 2.5 % and 97.5 % points are a within-run interval. Nothing of what
 * differs between runs is in it.
 *
 * @param noiseMs standard deviation of a stage's mean beyond its own error
 * @returns null if a response has no error, or a draw does not cross in over 5 % of the cases
 * Source: the parametric bootstrap, Efron and Tibshirani, An Introduction to the Bootstrap, 1993,
 * section 6.5.
 */
export function crossingDraws(
  responses: readonly Response[],
  { thresholdMs, noiseMs = 0 }: Readonly<{ thresholdMs: number; noiseMs?: number }>,
  random: Random,
): number[] | null {
  if (responses.some(({ estimate }) => estimate === null)) return null
  const draws: number[] = []
  for (let drawn = 0; drawn < DRAWS; drawn += 1) {
    const points = responses.map(({ users, ms, estimate }) => ({
      users,
      ms: estimate
        ? ms + Math.hypot(estimate.error, noiseMs) * deviate(random, SIDES * estimate.freedom)
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

/**
 * How far responses of one trial are apart beyond what their own errors and more users explain: the
 * standard deviation, in ms, of what differs from one stage to the next and not within one. A window
 * cannot see it: each stage may be steady, and its neighbour steady elsewhere.
 *
 * Of two neighbours the one with more users is not faster, nor slower by more than the users between them
 * queue for: by Little's law a closed system answers in N / X - Z, so at a steady throughput X each user
 * more costs 1 / X. What goes beyond either end is a difference of two such deviations; the errors
 * within the stages are subtracted from it.
 *
 * @param near responses by users, ascending
 * @param thinkMs Z, mean think time
 * Sources: the bound, Denning and Buzen, ACM Computing Surveys 10(3), 1978; the component of variance by
 * the method of moments, DerSimonian and Laird, Controlled Clinical Trials 7(3), 1986.
 */
export function stageNoiseMs(near: readonly Response[], thinkMs: number): number {
  const pairs = near.slice(1).flatMap((high, at) => {
    const low = near[at]
    if (!low?.estimate || !high.estimate) return []
    const most = ((high.users - low.users) * (high.ms + thinkMs)) / high.users
    const rise = high.ms - low.ms
    const excess = Math.max(0, -rise, rise - most)
    const explained = low.estimate.error ** 2 + high.estimate.error ** 2
    return [Math.max(0, excess ** 2 - explained) / 2]
  })
  return pairs.length === 0 ? 0 : Math.sqrt(mean(pairs))
}
