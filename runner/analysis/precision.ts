import type { Run } from '../measurement/run.ts'
import type { Studied } from '../measurement/study.ts'
import { analysisOf, type WithAnalyses } from './arm-analysis.ts'
import { armOf } from './claims/arms.ts'
import { armNames } from './levels.ts'
import { crossingRatio, type Ratio } from './ratio.ts'
import { studentT } from './statistics/moments.ts'

/**
 * A run that ends as soon as it is precise enough looks after each round: with fewer trials chance ends it too often
 * where the spread happens to be small.
 */
const LEAST_TO_STOP = 5

/** No one waits for more trials than that. */
const MOST = 200

/** Two arms that a run compares, and the crossing of one over that of the other; null where it is not known. */
export type Compared = Readonly<{ over: string; under: string; ratio: Ratio | null }>

/**
 * What the run is about: kept connections over a new one for each request; in a run without both, each arm over
 * the first. None of a run of one arm, or of levels of a factor, which have a comparison of their own.
 */
export function comparedArms(
  run: WithAnalyses<Studied<Pick<Run, 'configuration' | 'trials'>>>,
): Compared[] {
  const arms = new Map(armNames(run).map((arm) => [arm, analysisOf(run, arm)]))
  return pairsOf(run).map(({ over, under }) => {
    const [a, b] = [arms.get(over), arms.get(under)]
    return { over, under, ratio: a && b ? crossingRatio(a, b) : null }
  })
}

/** Has a run of these arms a ratio that could be known to a precision? */
export const hasRatio = (run: Studied<Pick<Run, 'configuration'>>): boolean =>
  pairsOf(run).length > 0

function pairsOf(run: Studied<Pick<Run, 'configuration'>>): Pick<Compared, 'over' | 'under'>[] {
  const [kept, perRequest] = [armOf(run, 'pooled'), armOf(run, 'per-request')]
  if (kept !== null && perRequest !== null) return [{ over: kept, under: perRequest }]
  const [first, ...others] = run.configuration.arms.filter(({ factor }) => factor === undefined)
  return first === undefined ? [] : others.map(({ name }) => ({ over: name, under: first.name }))
}

/** Half the width of the ratio's interval as a share of it; null where it has none, or an open end. */
export function halfWidthOf({ estimate, open }: Ratio): number | null {
  if (estimate === null || open.low || open.high) return null
  return Math.exp(studentT(0.95, estimate.freedom) * estimate.error) - 1
}

/**
 * How many trials it would take to know the ratio as precisely as that, if trials go on to differ as they
 * have so far; null where nothing is known yet, or where it would take too many.
 *
 * @param precision half-width as a share, such as 0.05
 */
export function trialsFor(ratio: Ratio, precision: number): number | null {
  const { estimate } = ratio
  if (estimate === null) return null
  const sd = estimate.error * Math.sqrt(ratio.trials)
  // Every round adds as many degrees of freedom as it did so far.
  const perRound = estimate.freedom / (ratio.trials - 1)
  for (let trials = LEAST_TO_STOP; trials <= MOST; trials += 1) {
    const half = (studentT(0.95, perRound * (trials - 1)) * sd) / Math.sqrt(trials)
    if (Math.exp(half) - 1 <= precision) return trials
  }
  return null
}

/**
 * Is the run over before all of its rounds? Asked after each whole round.
 *
 * @param precision half-width that was asked for, of every ratio that the run is about; undefined: all rounds are wanted
 */
export function isPreciseEnough(
  run: Studied<Pick<Run, 'configuration' | 'trials'>>,
  precision: number | undefined,
): boolean {
  if (precision === undefined) return false
  const compared = comparedArms(run)
  const halves = compared.map(({ ratio }) => ratio && halfWidthOf(ratio))
  const trials = Math.min(...compared.map(({ ratio }) => ratio?.trials ?? 0))
  return (
    halves.length > 0 &&
    trials >= LEAST_TO_STOP &&
    halves.every((half) => half !== null && half <= precision)
  )
}

/** What more trials would bring, in a sentence on the ratio that is known least; none where one is not known. */
export function precisionText(
  run: Studied<Pick<Run, 'configuration' | 'trials' | 'startedAt' | 'finishedAt' | 'pausedMs'>>,
): string | null {
  const compared = comparedArms(run)
  const known = compared.flatMap(({ over, under, ratio }) => {
    const half = ratio && halfWidthOf(ratio)
    return ratio && half !== null ? [{ over, under, ratio, half }] : []
  })
  const [least] = known.toSorted((a, b) => b.half - a.half)
  if (least === undefined || known.length < compared.length) return null
  const { ratio, half } = least
  const target = run.configuration.precision ?? 0.05
  const percent = (share: number) => `±${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`
  const which = compared.length === 1 ? 'The ratio' : `The ratio of ${least.over} to ${least.under}`
  const now = `${which} is known to ${percent(half)} from ${ratio.trials} trials`
  if (half <= target) return `${now}.`
  const needed = trialsFor(ratio, target)
  const missed =
    run.configuration.precision === undefined ? '' : `, not to the ${percent(target)} asked for`
  if (needed === null) return `${now}${missed}; ${percent(target)} would take over ${MOST}.`
  const tookMs = Date.parse(run.finishedAt ?? '') - Date.parse(run.startedAt) - (run.pausedMs ?? 0)
  const minutes = (tookMs / 60_000 / ratio.trials) * needed
  const time = Number.isFinite(minutes) ? `, about ${Math.ceil(minutes)} minutes in all` : ''
  return `${now}${missed}; ${percent(target)} would take about ${needed} trials${time}, if they go on to differ as these do.`
}
