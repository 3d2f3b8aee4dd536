import type { Estimate } from './batch-means.ts'
import { fQuantile, mean, studentT, tTail, variance } from './moments.ts'

/** Fewer trials than that tell nothing of what differs between trials: what they show is provisional. */
export const LEAST_TRIALS = 3

/** A figure of each trial, by the trial's index, on the scale that is analysed. */
export type ByTrial = ReadonlyMap<number, number>

/** Mean over trials with the error that their spread shows; null with fewer than three. */
export function overTrials(values: readonly number[]): Estimate | null {
  if (values.length < LEAST_TRIALS) return null
  const error = Math.sqrt(variance(values) / values.length)
  return { mean: mean(values), error, freedom: values.length - 1 }
}

/** An arm's own spread is taken for its own where noise alone exceeds it in so few cases. */
const UNLIKE = 0.25

/**
 * Mean difference of two arms over the rounds that both have, each round a block. Its error comes from what
 * is left in all arms once each arm's mean and each round's are taken out, so that every arm helps to tell
 * how far trials are apart; where this pair differs from round to round by more than that explains (an F
 * test), its own spread is taken.
 *
 * @param arms all arms of the run, the two among them
 * @returns null with fewer than three rounds in common
 * Source: Montgomery, Design and Analysis of Experiments, 8th ed. 2013, section 4.1 (the randomised
 * complete block design).
 */
export function pairedOverTrials(
  over: ByTrial,
  under: ByTrial,
  arms: readonly ByTrial[],
): Estimate | null {
  const own = overTrials(differences(over, under))
  if (own === null) return null
  const pooled = blockError(arms)
  const rounds = own.freedom + 1
  const ownVariance = own.error ** 2 * rounds
  if (pooled === null || pooled.freedom <= own.freedom) return own
  const expected = 2 * pooled.variance
  if (ownVariance > expected * fQuantile(UNLIKE, own.freedom, pooled.freedom)) return own
  return { mean: own.mean, error: Math.sqrt(expected / rounds), freedom: pooled.freedom }
}

/** Of the rounds that both have. */
export function differences(over: ByTrial, under: ByTrial): number[] {
  return [...over].flatMap(([round, value]) => {
    const other = under.get(round)
    return other === undefined ? [] : [value - other]
  })
}

/** Residual variance of arms by rounds, over the rounds that every arm has. */
function blockError(
  arms: readonly ByTrial[],
): { readonly variance: number; readonly freedom: number } | null {
  const present = arms.filter((arm) => arm.size >= LEAST_TRIALS)
  const rounds = [...(present[0]?.keys() ?? [])].filter((round) =>
    present.every((arm) => arm.has(round)),
  )
  const freedom = (present.length - 1) * (rounds.length - 1)
  if (rounds.length < LEAST_TRIALS || freedom < 1) return null
  const table = present.map((arm) => rounds.map((round) => arm.get(round) ?? 0))
  const armMeans = table.map(mean)
  const roundMeans = rounds.map((_, at) => mean(table.map((row) => row[at] ?? 0)))
  const centre = mean(armMeans)
  const squares = table.flatMap((row, arm) =>
    row.map((value, at) => {
      return (value - (armMeans[arm] ?? 0) - (roundMeans[at] ?? 0) + centre) ** 2
    }),
  )
  return { variance: squares.reduce((sum, square) => sum + square, 0) / freedom, freedom }
}

/** 95 % confidence interval of the mean. */
export function confidence({ mean: centre, error, freedom }: Estimate): [number, number] {
  const half = studentT(0.95, freedom) * error
  return [centre - half, centre + half]
}

/** Where the mean of another run of as many trials would fall, with 95 % probability. */
export function prediction({ mean: centre, error, freedom }: Estimate): [number, number] {
  const half = studentT(0.95, freedom) * error * Math.SQRT2
  return [centre - half, centre + half]
}

/**
 * How likely an estimate this far beyond a band would be if the truth lay in it: two-sided, so that it is
 * under 0.05 exactly where the 95 % interval lies outside. 1 within the band.
 */
export function beyondBand(
  { mean: centre, error, freedom }: Estimate,
  band: { readonly low: number; readonly high: number },
): number {
  const beyond = Math.max(centre - band.high, band.low - centre)
  if (beyond <= 0) return 1
  return error === 0 ? 0 : Math.min(1, 2 * tTail(beyond / error, freedom))
}

/**
 * Holm's step-down adjustment: judged at 0.05, the chance of any false rejection among all is at most that.
 * Source: S. Holm, Scandinavian Journal of Statistics 6(2), 1979.
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, at) => at).toSorted((a, b) => (pValues[a] ?? 1) - (pValues[b] ?? 1))
  const adjusted = pValues.map(() => 1)
  let least = 0
  for (const [rank, at] of order.entries()) {
    least = Math.max(least, Math.min(1, (pValues.length - rank) * (pValues[at] ?? 1)))
    adjusted[at] = least
  }
  return adjusted
}
