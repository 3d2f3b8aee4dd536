import { mean } from '../statistics/moments.ts'

/** The mean response time of one valid stage. */
export type StagePoint = Readonly<{
  users: number
  ms: number
}>

export type LawSetting = Readonly<{
  thresholdMs: number
  /** Z, mean think time between two requests of a user. */
  thinkMs: number
}>

/** A curve of the law: throughput by users, in users per ms, on logarithms. */
type Curve = Readonly<{
  /** log of the response time without a queue, ms. */
  logIdleMs: number
  /** log of the sharpness of the knee. */
  logSharpness: number
  /** Share by which the capacity falls for each share by which the users grow. */
  decline: number
  /** log of each trial's capacity. */
  logCapacity: number[]
}>

/** Relative error of a stage's capacity, and of what little differs without a queue: only their ratio matters. */
const STAGE = 0.025
const IDLE = 0.008
/** Stages whose cycle differs from the crossing's by more than this share say less of it. */
const NEAR = 0.1
/**
 * What is assumed of a curve that its points do not show, as mean and standard deviation: a knee as sharp
 * as those of the committed runs, and a capacity that falls a little past it, as theirs do.
 */
const SHARPNESS = { mean: Math.log(12), sd: 1 }
const DECLINE = { mean: 0.15, sd: 0.2 }
const IDLE_SPREAD = 0.5

const ITERATIONS = 40

/** What the law says of one trial. */
export type LawFit = Readonly<{
  /** Users at which the mean response time reaches a threshold; null where the curve never does. */
  crossing(thresholdMs: number): number | null
  /** Requests per second that the curve serves between two numbers of users, geometric mean. */
  ceilingPerS(from: number, to: number): number
}>

/**
 * Fits the curves of one arm's trials from all of their stages, and not from the two beside the crossing.
 * By the interactive response time law a closed loop of N users has N = X (R + Z): where R is the
 * threshold, N = X (threshold + Z), so a stage anywhere past the knee measures the throughput X that
 * decides the crossing. X is modelled on the logarithm as the smooth minimum of its two asymptotes,
 * N / (R0 + Z) without a queue and the capacity C of the trial, which falls as N^-decline. The shape
 * (R0, sharpness, decline) is common to the trials of the arm, the capacity is each trial's own.
 *
 * @param trials valid stages of each trial
 * @returns null for a trial without a stage
 * Sources: the law and its asymptotes, Denning and Buzen, ACM Computing Surveys 10(3), 1978; the fit,
 * Marquardt, J. SIAM 11(2), 1963; the choice against other estimators, docs/method/coverage.md.
 */
export function fitLaw(
  trials: readonly (readonly StagePoint[])[],
  setting: LawSetting,
): (LawFit | null)[] {
  const points = trials.flatMap((stages, trial) =>
    stages.filter(({ ms }) => ms > 0).map((stage) => pointOf(stage, trial, setting)),
  )
  if (points.length === 0) return trials.map(() => null)
  const curve = fit(points, trials.length, setting)
  return trials.map((stages, trial): LawFit | null => {
    if (stages.length === 0) return null
    return {
      crossing: (thresholdMs) => crossingOf(curve, trial, { ...setting, thresholdMs }),
      ceilingPerS: (from, to) => ceilingOf(curve, trial, [from, to], setting),
    }
  })
}

type Point = Readonly<{
  trial: number
  /** log of the users, about the middle of all. */
  x: number
  /** log of the throughput by the law, users per ms. */
  y: number
  /** How far its cycle is from the crossing's, on the logarithm. */
  away: number
  ms: number
}>

function pointOf(stage: StagePoint, trial: number, { thresholdMs, thinkMs }: LawSetting): Point {
  const cycle = Math.log(stage.ms + thinkMs)
  const x = Math.log(stage.users)
  return { trial, x, y: x - cycle, away: cycle - Math.log(thresholdMs + thinkMs), ms: stage.ms }
}

/** log throughput of the curve at log users `x`, and the share of it that the capacity decides. */
function throughput(curve: Curve, trial: number, x: number, { thinkMs }: LawSetting) {
  const free = x - Math.log(Math.exp(curve.logIdleMs) + thinkMs)
  const capacity = (curve.logCapacity[trial] ?? 0) - curve.decline * x
  const sharpness = Math.exp(curve.logSharpness)
  const gap = sharpness * (free - capacity)
  const softened = Math.log1p(Math.exp(-Math.abs(gap))) / sharpness
  return { y: Math.min(free, capacity) - softened, saturated: 1 / (1 + Math.exp(-gap)) }
}

/** Marquardt's damped least squares, with the priors as observations. */
function fit(points: readonly Point[], trials: number, setting: LawSetting): Curve {
  const logIdleMs = Math.log(Math.min(...points.map(({ ms }) => ms)))
  const least = { logIdleMs, spread: IDLE_SPREAD }
  const most = Array.from({ length: trials }, (_, trial) => {
    const own = points.filter((point) => point.trial === trial)
    const near = own.filter(({ ms }) => ms > setting.thresholdMs / 4)
    const used = near.length > 0 ? near : own.length > 0 ? own : points
    return mean(used.map(({ x, y }) => y + DECLINE.mean * x))
  })
  let theta = [logIdleMs, SHARPNESS.mean, DECLINE.mean, ...most]
  let damping = 1e-3
  let residuals = residualsOf(theta, points, setting, least, weightsOf(theta, points, setting))
  for (let step = 0; step < ITERATIONS; step += 1) {
    const weights = weightsOf(theta, points, setting)
    residuals = residualsOf(theta, points, setting, least, weights)
    const columns = theta.map((value, at) => {
      const moved = theta.with(at, value + 1e-5)
      const other = residualsOf(moved, points, setting, least, weights)
      return other.map((residual, row) => (residual - (residuals[row] ?? 0)) / 1e-5)
    })
    const change = solve(
      columns.map((a, row) =>
        columns.map((b, column) => dot(a, b) * (row === column ? 1 + damping : 1)),
      ),
      columns.map((column) => -dot(column, residuals)),
    )
    const next = theta.map((value, at) => value + (change[at] ?? 0))
    const better = residualsOf(next, points, setting, least, weights)
    if (sumOfSquares(better) < sumOfSquares(residuals)) {
      theta = next
      damping = Math.max(1e-9, damping / 10)
      if (Math.max(...change.map(Math.abs)) < 1e-6) break
    } else {
      damping *= 10
      if (damping > 1e8) break
    }
  }
  return curveOf(theta)
}

function curveOf(theta: readonly number[]): Curve {
  const [logIdleMs = 0, logSharpness = 0, decline = 0, ...logCapacity] = theta
  return { logIdleMs, logSharpness, decline, logCapacity }
}

/** 1 / standard deviation of each point: a stage's noise moves what the capacity decides. */
function weightsOf(
  theta: readonly number[],
  points: readonly Point[],
  setting: LawSetting,
): number[] {
  const curve = curveOf(theta)
  return points.map(({ trial, x, away }) => {
    const { saturated } = throughput(curve, trial, x, setting)
    return 1 / (Math.hypot(STAGE * saturated, IDLE) * Math.hypot(1, away / NEAR))
  })
}

function residualsOf(
  theta: readonly number[],
  points: readonly Point[],
  setting: LawSetting,
  least: { readonly logIdleMs: number; readonly spread: number },
  weights: readonly number[],
): number[] {
  const curve = curveOf(theta)
  const seen = points.map(
    ({ trial, x, y }, at) => (throughput(curve, trial, x, setting).y - y) * (weights[at] ?? 0),
  )
  return [
    ...seen,
    (curve.logIdleMs - least.logIdleMs) / least.spread,
    (curve.logSharpness - SHARPNESS.mean) / SHARPNESS.sd,
    (curve.decline - DECLINE.mean) / DECLINE.sd,
  ]
}

/** Bisection of N = X (threshold + Z) on the logarithm of N. */
function crossingOf(curve: Curve, trial: number, setting: LawSetting): number | null {
  const cycle = Math.log(setting.thresholdMs + setting.thinkMs)
  const excess = (x: number) => x - throughput(curve, trial, x, setting).y - cycle
  let [low, high] = [0, Math.log(1e7)]
  if (excess(low) > 0 || excess(high) < 0) return null
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2
    if (excess(middle) > 0) high = middle
    else low = middle
  }
  return Math.exp((low + high) / 2)
}

/** Numbers of users at which the curve is looked at, on the logarithm. */
const GRID = 100

function ceilingOf(
  curve: Curve,
  trial: number,
  [from, to]: readonly [number, number],
  setting: LawSetting,
): number {
  const span = Math.log(to / from) / GRID
  const all = Array.from({ length: GRID + 1 }, (_, at) => Math.log(from) + span * at)
  return 1000 * Math.exp(mean(all.map((x) => throughput(curve, trial, x, setting).y)))
}

/** Gaussian elimination with partial pivoting. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, at) => [...row, right[at] ?? 0])
  const size = rows.length
  for (let column = 0; column < size; column += 1) {
    const below = rows.slice(column).map((row) => Math.abs(row[column] ?? 0))
    const pivotAt = column + below.indexOf(Math.max(...below))
    const pivot = rows[pivotAt] ?? []
    rows[pivotAt] = rows[column] ?? []
    rows[column] = pivot
    for (const [at, row] of rows.entries()) {
      if (at === column) continue
      const factor = (row[column] ?? 0) / (pivot[column] ?? 1)
      for (let k = column; k <= size; k += 1) row[k] = (row[k] ?? 0) - factor * (pivot[k] ?? 0)
    }
  }
  return rows.map((row, at) => (row[size] ?? 0) / (row[at] ?? 1))
}

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)

const sumOfSquares = (values: readonly number[]) => dot(values, values)
