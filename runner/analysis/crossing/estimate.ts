import type { Configuration } from '../../measurement/run.ts'
import type { Stage } from '../../measurement/stage.ts'
import { batchMeans, type Estimate } from '../statistics/batch-means.ts'
import { mean } from '../statistics/moments.ts'
import type { LawFit } from './law.ts'

export type ThresholdOn = Configuration['thresholdOn']

/** The response time of one arm at one number of users. */
export type Response = Readonly<{
  users: number
  ms: number
}>

/**
 * What users waited, the figure that the threshold is on: a request without a good answer counts at the time
 * until its failure, a lower bound of what an answer would have taken. Where that was not measured (`waited` is
 * absent) the mean counts time-outs alone, and the p95 is of good answers.
 *
 * @returns ms; null without a request
 */
export function responseMs(stage: Omit<Stage, 'validity'>, on: ThresholdOn): number | null {
  const { all, waited, meanWithTimeoutsMs } = stage
  if (on === 'mean') return waited ? waited.meanMs : meanWithTimeoutsMs
  return waited ? waited.p95Ms : all.p95Ms
}

/**
 * Do the figures of a run hold what users waited for requests without a good answer (`waited`)?
 *
 * @returns null without a stage
 */
export function knowsWaits(
  trials: readonly { readonly stages: readonly Stage[] }[],
): boolean | null {
  const stages = trials.flatMap((trial) => trial.stages)
  return stages.length === 0 ? null : stages.every(({ waited }) => waited !== undefined)
}

/** Valid stages of one trial as responses by users; stages at the same users are averaged. */
export function responses(stages: readonly Stage[], on: ThresholdOn): Response[] {
  const byUsers = Map.groupBy(
    stages.filter(({ kind, validity }) => kind !== 'control' && validity.valid),
    ({ users }) => users,
  )
  return [...byUsers]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([users, same]) => {
      const values = same.map((stage) => responseMs(stage, on)).filter((value) => value !== null)
      return values.length === 0 ? [] : [{ users, ms: mean(values) }]
    })
}

/** Mean latency of a window with its error. ms. null where some had no good answer: its seconds know of answers. */
export function latencyEstimate({ seconds, outcomes }: Stage): Estimate | null {
  if (outcomes.failed > 0) return null
  return batchMeans(seconds.map(({ meanMs }) => meanMs).filter((value) => value !== null))
}

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

/**
 * The non-decreasing sequence nearest to the values in least squares: more users do not make a service
 * faster, so what runs against that is noise. Pool adjacent violators.
 *
 * Source: Ayer, Brunk, Ewing, Reid and Silverman, Annals of Mathematical Statistics 26(4), 1955.
 */
export function isotonic(values: readonly number[]): number[] {
  const pools: number[][] = []
  for (const value of values) {
    let pool = [value]
    for (let last = pools.at(-1); last && mean(last) > mean(pool); last = pools.at(-1)) {
      pools.pop()
      pool = [...last, ...pool]
    }
    pools.push(pool)
  }
  return pools.flatMap((pool) => pool.map(() => mean(pool)))
}

/** What one trial of an arm says of its crossing. */
export type TrialCrossing =
  | { readonly state: 'crossed'; readonly users: number; readonly bracket: Bracket | null }
  /** Seen below and above, but nowhere near. */
  | { readonly state: 'between'; readonly bracket: Bracket }
  /** Only a bound is known: the crossing lies beyond it. */
  | { readonly state: 'not-reached' | 'crossed-below'; readonly bound: number }
  | { readonly state: 'no-valid-stage' }

/** A stage this near to the threshold, as a factor either way, shows where the crossing is. */
const SHOWS_WITHIN = 3
/** Users beyond the most, or below the fewest, that were held validly, to which the law is carried on. */
const BEYOND = 1.1
/** A percentile obeys no law: it is interpolated, in a bracket of at most this factor. */
const NARROW = 1.25

/**
 * Where each trial of an arm crosses the threshold: by the law (law.ts) where the threshold is on the mean
 * and a stage was held near it; a percentile is interpolated in its bracket.
 */
export function trialCrossings(
  trials: readonly (readonly Response[])[],
  { thresholdMs, thresholdOn }: { thresholdMs: number; thresholdOn: ThresholdOn },
  fits: readonly (LawFit | null)[],
): TrialCrossing[] {
  return trials.map((points, at): TrialCrossing => {
    const located = locate(points, thresholdMs)
    const [first, last] = [points[0], points.at(-1)]
    if (!first || !last || located.state === 'no-valid-stage') return { state: 'no-valid-stage' }
    const bracket = located.state === 'crossed' ? located.bracket : null
    const near = points.some(
      ({ ms }) => ms >= thresholdMs / SHOWS_WITHIN && ms <= thresholdMs * SHOWS_WITHIN,
    )
    const users = thresholdOn === 'mean' ? (fits[at]?.crossing(thresholdMs) ?? null) : null
    if (near && users !== null && users <= BEYOND * last.users && users >= first.users / BEYOND)
      return { state: 'crossed', users, bracket }
    if (located.state !== 'crossed') {
      const bound = located.state === 'not-reached' ? last.users : first.users
      return { state: located.state, bound }
    }
    const narrow = located.bracket.high <= NARROW * located.bracket.low
    if (thresholdOn === 'p95' && narrow) return located
    return { state: 'between', bracket: located.bracket }
  })
}
