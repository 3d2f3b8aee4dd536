import type { ArmAnalysis } from '../arm-analysis.ts'
import { geometricMean } from '../statistics/moments.ts'
import { confidence, overTrials } from '../statistics/trials.ts'

/** A place on the fitted response curve of an arm. */
export type CurvePoint = Readonly<{
  ms: number
  /** Users at which the mean response time is that: the geometric mean over the trials. */
  users: number
  /** Its 95 % interval over the trials, as of a crossing; null with fewer than three. */
  reach: { readonly low: number; readonly high: number } | null
}>

/** Places on a curve, evenly on the logarithm of the response time. */
const PLACES = 60

/**
 * The curve behind an arm's crossing: users by response time, each place estimated as the crossing is at the
 * threshold. Only over the users that were measured; empty without a fit.
 *
 * @param range of response times, in ms
 */
export function responseCurve(
  { byTrial, measured }: Pick<ArmAnalysis, 'byTrial' | 'measured'>,
  { low, high }: Readonly<{ low: number; high: number }>,
): CurvePoint[] {
  if (measured === null) return []
  const step = Math.log(high / low) / (PLACES - 1)
  return Array.from({ length: PLACES }, (_, at) => low * Math.exp(step * at)).flatMap((ms) => {
    const each = [...byTrial.values()].flatMap(({ usersAt }) => usersAt(ms) ?? [])
    // Of fewer trials it would be another curve.
    if (each.length === 0 || each.length < byTrial.size) return []
    const users = geometricMean(each)
    if (users < measured.least || users > measured.most) return []
    const estimate = overTrials(each.map(Math.log))
    const [from, to] = estimate ? confidence(estimate).map(Math.exp) : []
    const reach = from === undefined || to === undefined ? null : { low: from, high: to }
    return [{ ms, users, reach }]
  })
}
