import type { Configuration } from '../../measurement/run.ts'
import type { Stage } from '../../measurement/stage.ts'
import type { Crossing } from '../../measurement/verdict.ts'
import { batchMeans, type Estimate } from '../statistics/batch-means.ts'
import { mean } from '../statistics/moments.ts'

export type ThresholdOn = Configuration['thresholdOn']

/** The response time of one arm at one number of users. */
export interface Response {
  readonly users: number
  readonly ms: number
  /** Its error within the window; null for a percentile, of which seconds have none, or a short window. */
  readonly estimate: Estimate | null
}

/** The figure that the threshold is on. ms; null without a request. */
export function responseMs({ all }: Stage, on: ThresholdOn): number | null {
  return on === 'mean' ? all.meanMs : all.p95Ms
}

/** Valid stages of one trial as responses by users; stages at the same users are averaged. */
export function responses(stages: readonly Stage[], on: ThresholdOn): Response[] {
  const byUsers = Map.groupBy(
    stages.filter(({ validity }) => validity.valid),
    ({ users }) => users,
  )
  return [...byUsers]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([users, same]) => {
      const values = same.map((stage) => responseMs(stage, on)).filter((value) => value !== null)
      if (values.length === 0) return []
      const estimate =
        on === 'mean' ? latencyEstimate(same.flatMap(({ seconds }) => seconds)) : null
      return [{ users, ms: mean(values), estimate }]
    })
}

/** Mean latency of a window with its error. ms. */
export function latencyEstimate(seconds: Stage['seconds']): Estimate | null {
  return batchMeans(seconds.map(({ meanMs }) => meanMs).filter((value) => value !== null))
}

/** Successful requests per second of a window with their error. */
export function throughputEstimate(seconds: Stage['seconds']): Estimate | null {
  return batchMeans(seconds.map(({ requests }) => requests))
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

type Measured = { readonly least: number; readonly most: number } | null
type Told = Pick<Crossing, 'arm' | 'state' | 'users' | 'bracket' | 'interval' | 'ceilingPerS'>

/** The answer in one sentence. */
export function crossingText(
  crossing: Told,
  configuration: Configuration,
  measured: Measured,
): string {
  const { arm, ceilingPerS, state } = crossing
  const { thresholdMs, thresholdOn } = configuration
  const response = `${arm}: the ${thresholdOn} response time`
  const ceiling = ceilingPerS === null ? '' : ` Most seen: ${ceilingPerS.toFixed(0)} requests/s.`
  const below = `is below ${thresholdMs} ms up to ${measured?.most} users`
  const answers: Readonly<Record<Crossing['state'], string>> = {
    crossed: `${response} reaches ${thresholdMs} ms at ${place(crossing)}.${ceiling}`,
    'not-reached': `${response} ${below}, the most that were measured.${ceiling}`,
    'crossed-below': `${response} is over ${thresholdMs} ms already at ${measured?.least} users.${ceiling}`,
    'limited-by-runner': `${response} ${below}; past that the runner could not keep up.${ceiling}`,
    'no-valid-stage': `${arm}: no stage is valid, so nothing can be said.`,
  }
  return answers[state]
}

function place({ users, bracket, interval }: Told): string {
  const amount = (value: number) => value.toFixed(value < 100 ? 1 : 0)
  const about = `${amount(users ?? Number.NaN)} users`
  const seen = bracket ? `seen between ${bracket.low} and ${bracket.high}` : 'interpolated'
  if (!interval) return `${about} (${seen})`
  const kind = interval.kind === 'within-run' ? 'within this run' : 'between trials'
  return `${about} (95 % interval ${kind} ${amount(interval.low)} to ${amount(interval.high)}; ${seen})`
}
