import { dot } from '../statistics/least-squares.ts'
import { leastFrom, type Linearised, sumOfSquares } from '../statistics/marquardt.ts'
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
const FULL_WEIGHT = 0.1
/**
 * What is assumed of a curve that its points do not show, as mean and standard deviation: a knee as sharp
 * as those of the committed runs, and a capacity that falls a little past it, as theirs do.
 */
const SHARPNESS = { mean: Math.log(12), sd: 1 }
const DECLINE = { mean: 0.15, sd: 0.2 }
const IDLE_SPREAD = 0.5

/** Knees that a fit starts from: that of the committed runs, a softer one and a sharper one. */
const STARTS = [0, -1, 1].map((sds) => SHARPNESS.mean + sds * SHARPNESS.sd)
/** Fits, each weighted by the one before, until the weights stay. */
const CYCLES = 100
/** Share of a weight's logarithm that is kept when it follows the fit, so that weights do not swing about a curve. */
const KEPT = 0.5
/** Change of a weight's logarithm that is none. */
const SAME = 1e-3

/** What the law says of one trial. */
export type LawFit = Readonly<{
  /** Users at which the mean response time reaches a threshold; null where the curve never does. */
  crossing(thresholdMs: number): number | null
  /** Requests per second that the curve serves between two numbers of users, geometric mean. */
  ceilingPerS(from: number, to: number): number
  /** Does the curve agree with the weights that it was fitted by? Where not, another fit may differ. */
  converged: boolean
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
 * Sources: the law and its asymptotes, Denning and Buzen, ACM Computing Surveys 10(3), 1978; weights that
 * follow from the fit, Carroll and Ruppert, Transformation and Weighting in Regression, 1988, chapter 2; the
 * choice against other estimators, docs/method/coverage.md.
 */
export function fitLaw(
  trials: readonly (readonly StagePoint[])[],
  setting: LawSetting,
): (LawFit | null)[] {
  const points = trials.flatMap((stages, trial) =>
    stages.filter(({ ms }) => ms > 0).map((stage) => pointOf(stage, trial, setting)),
  )
  if (points.length === 0) return trials.map(() => null)
  const { curve, converged } = fit(points, trials.length, setting)
  return trials.map((stages, trial): LawFit | null => {
    if (stages.length === 0) return null
    return {
      crossing: (thresholdMs) => crossingOf(curve, trial, { ...setting, thresholdMs }),
      ceilingPerS: (from, to) => ceilingOf(curve, trial, [from, to], setting),
      converged,
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
  const y = Math.min(free, capacity) - softened
  return { y, saturated: 1 / (1 + Math.exp(-gap)), free, capacity }
}

type Fit = Readonly<{ curve: Curve; converged: boolean; unlikely: number }>

/**
 * From several starts, since the curve that agrees with its own weights need not be the only one: the most
 * likely of those that do; where none does, the most likely of all, and it is said.
 */
function fit(points: readonly Point[], trials: number, setting: LawSetting): Fit {
  const fits = STARTS.map((start) => fitFrom(start, points, trials, setting))
  const agreeing = fits.filter(({ converged }) => converged)
  const [best] = (agreeing.length > 0 ? agreeing : fits).toSorted((a, b) => a.unlikely - b.unlikely)
  if (!best) throw new Error('fit: a curve needs a start')
  return best
}

/**
 * Least squares with the priors as observations, by the weights of the curve before, again until the weights
 * stay. Where a step turns back on the one before, the next are shorter: weights that swing between two curves end
 * between them, while those that go slowly one way are not slowed.
 */
function fitFrom(
  logSharpness: number,
  points: readonly Point[],
  trials: number,
  setting: LawSetting,
): Fit {
  const leastMs = Math.log(Math.min(...points.map(({ ms }) => ms)))
  const most = Array.from({ length: trials }, (_, trial) => {
    const own = points.filter((point) => point.trial === trial)
    const near = own.filter(({ ms }) => ms > setting.thresholdMs / 4)
    const used = near.length > 0 ? near : own.length > 0 ? own : points
    return mean(used.map(({ x, y }) => y + DECLINE.mean * x))
  })
  let theta: readonly number[] = [leastMs, logSharpness, DECLINE.mean, ...most]
  let weights = weightsOf(theta, points, setting)
  let kept = KEPT
  let last: readonly number[] = []
  for (let cycle = 0; cycle < CYCLES; cycle += 1) {
    const found = leastFrom(theta, (at) => linearised(at, points, setting, leastMs, weights))
    theta = found.parameters
    const step = weightsOf(theta, points, setting).map((weight, at) =>
      Math.log(weight / (weights[at] ?? 1)),
    )
    if (found.converged && step.every((change) => Math.abs(change) < SAME))
      return { ...judged(theta, points, setting, leastMs), converged: true }
    if (found.converged && dot(step, last) < 0) kept = (1 + kept) / 2
    last = found.converged ? step : []
    weights = weights.map((weight, at) => weight * Math.exp((1 - kept) * (step[at] ?? 0)))
  }
  return { ...judged(theta, points, setting, leastMs), converged: false }
}

/** The curve with how unlikely its points are by it: minus the logarithm of their density, priors included. */
function judged(
  theta: readonly number[],
  points: readonly Point[],
  setting: LawSetting,
  leastMs: number,
): Omit<Fit, 'converged'> {
  const weights = weightsOf(theta, points, setting)
  const { residuals } = linearised(theta, points, setting, leastMs, weights)
  const spread = weights.reduce((sum, weight) => sum - Math.log(weight), 0)
  return { curve: curveOf(theta), unlikely: sumOfSquares(residuals) / 2 + spread }
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
    return 1 / (Math.hypot(STAGE * saturated, IDLE) * Math.hypot(1, away / FULL_WEIGHT))
  })
}

function linearised(
  theta: readonly number[],
  points: readonly Point[],
  setting: LawSetting,
  leastMs: number,
  weights: readonly number[],
): Linearised {
  const curve = curveOf(theta)
  const idleMs = Math.exp(curve.logIdleMs)
  const residuals: number[] = []
  const jacobian: number[][] = []
  for (const [at, { trial, x, y }] of points.entries()) {
    const seen = throughput(curve, trial, x, setting)
    const weight = weights[at] ?? 0
    residuals.push((seen.y - y) * weight)
    const row = theta.map(() => 0)
    row[0] = ((seen.saturated - 1) * idleMs * weight) / (idleMs + setting.thinkMs)
    const over = seen.free - seen.capacity
    row[1] = (seen.free - seen.y - seen.saturated * over) * weight
    row[2] = -seen.saturated * x * weight
    row[SHAPE + trial] = seen.saturated * weight
    jacobian.push(row)
  }
  const priors = [{ mean: leastMs, sd: IDLE_SPREAD }, SHARPNESS, DECLINE]
  for (const [at, { mean: centre, sd }] of priors.entries()) {
    residuals.push(((theta[at] ?? 0) - centre) / sd)
    jacobian.push(theta.map((_, column) => (column === at ? 1 / sd : 0)))
  }
  return { residuals, jacobian }
}

/** How many parameters the trials have in common; their capacities follow. */
const SHAPE = 3

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
