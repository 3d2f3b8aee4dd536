import type { Band, RegisteredClaim } from '../../measurement/study.ts'
import { type Claim, quoting } from '../../measurement/verdict.ts'
import type { Mode } from '../../measurement/trial.ts'
import type { ArmAnalysis } from '../arm-analysis.ts'
import { trialsText } from '../crossing/interval.ts'
import { beyondBand, holm, LEAST_TRIALS } from '../statistics/trials.ts'
import { armOf, type Context } from './arms.ts'
import { type Figure, FIGURES } from './figures.ts'

type Outcome = Pick<Claim, 'ours' | 'verdict' | 'provisional' | 'reason'>

/** A claim judged on its own, before the correction for their number. */
type Judged = Outcome &
  Readonly<{
    /** Against the claim; 1 where nothing speaks against it. */
    p: number
  }>

/** Chance of any false "not reproduced" among all claims of a run (Holm). */
const ALPHA = 0.05

/**
 * Judges each registered claim of the study: reproduced if every interval lies within its band, not reproduced if one
 * lies outside and still does after Holm's correction for the number of claims that could be judged.
 */
export function judgeClaims(context: Context): Claim[] {
  const registered = context.run.study?.claims ?? []
  const apply = registered.filter((claim) =>
    (claim.arms === 'any' ? isPlayed : ran)(claim, context),
  )
  const judged = apply.map((claim) => judge(claim, context))
  const tested = judged.filter(({ p }) => !Number.isNaN(p))
  const adjusted = holm(tested.map(({ p }) => p))
  return apply.map(({ id, kind, statement, quoted, bands }, at): Claim => {
    const { p: _, ...outcome } = judged[at] ?? open('it was not judged')
    const place = tested.findIndex((one) => one === judged[at])
    const predicate = predicateText(bands)
    const claim = { id, kind, statement, ...quoting(quoted), predicate, ...outcome }
    if (outcome.verdict !== 'not reproduced') return claim
    if ((adjusted[place] ?? 1) <= ALPHA) return claim
    const reason = `${outcome.reason}; not after the correction for ${tested.length} claims (Holm)`
    return { ...claim, verdict: 'inconclusive', reason }
  })
}

/** Do arms of the run play all parts? */
function isPlayed(claim: RegisteredClaim, { run }: Context): boolean {
  return partsOf(claim).every((role) => armOf(run, role) !== null)
}

/** Did the study's own arms run? Without them nothing can be said of what they are made with. */
function ran(claim: RegisteredClaim, { run }: Context): boolean {
  return partsOf(claim).every((role) => run.trials.some(({ arm }) => arm === run.study?.arms[role]))
}

const partsOf = ({ over, under, beside }: RegisteredClaim): Mode[] => [
  over,
  under,
  ...(beside === undefined ? [] : [beside]),
]

const open = (reason: string, ours = 'no figure'): Judged => ({
  ours,
  verdict: 'inconclusive',
  provisional: false,
  reason,
  p: Number.NaN,
})

function judge(claim: RegisteredClaim, context: Context): Judged {
  const { configuration, study } = context.run
  const { thresholdMs, thresholdOn } = configuration
  const asked = study?.registration.threshold
  if (thresholdMs !== asked?.ms || thresholdOn !== asked.on)
    return open(
      `the claim is about the ${asked?.on} at ${asked?.ms} ms, this run about the ${thresholdOn} at ${thresholdMs} ms`,
    )
  const playing = (role: Mode) =>
    named(context, (claim.arms === 'own' ? study?.arms[role] : armOf(context.run, role)) ?? null)
  const [over, under] = [playing(claim.over), playing(claim.under)]
  if (typeof over === 'string') return open(over)
  if (typeof under === 'string') return open(under)
  const beside = claim.beside === undefined ? undefined : playing(claim.beside)
  if (typeof beside === 'string') return open(beside)
  const found = claim.bands.map((band) => ({
    band,
    figure: FIGURES[band.figure].measure(context, over, under, beside),
  }))
  const known = found.flatMap(({ band, figure }) =>
    typeof figure === 'string' ? [] : [{ band, figure }],
  )
  const names =
    over === under ? over.crossing.arm : `${over.crossing.arm} over ${under.crossing.arm}`
  const ours =
    known.length === 0
      ? 'no figure'
      : `${names}: ${known.map(({ figure }) => figure.text).join('; ')}`
  const missing = found.map(({ figure }) => figure).find((figure) => typeof figure === 'string')
  if (missing !== undefined) return open(missing, ours)
  const trials = Math.min(...known.map(({ figure }) => figure.trials))
  if (trials < LEAST_TRIALS) {
    const reason = `provisional: ${trialsText(trials)}, and a verdict needs ${LEAST_TRIALS}`
    return { ...open(reason, ours), provisional: true }
  }
  return { ours, provisional: false, ...weigh(known) }
}

type Known = readonly { readonly band: Band; readonly figure: Figure }[]

function weigh(known: Known): Pick<Judged, 'verdict' | 'reason' | 'p'> {
  const each = known.map(({ band, figure }) => ({ band, figure, ...ends(band) }))
  const p = Math.min(
    1,
    each.length *
      Math.min(...each.map(({ figure, ...all }) => (figure.estimate ? against(figure, all) : 1))),
  )
  const above = each.find(({ figure, high }) => figure.low > high)
  const below = each.find(({ figure, low }) => figure.high < low)
  const out = above ? (above.band.above ?? '') : below && (below.band.below ?? '')
  if (out !== undefined) return { verdict: 'not reproduced', reason: out, p }
  const reaching = each.filter(({ figure, low, high }) => figure.low < low || figure.high > high)
  if (reaching.length === 0) {
    const reason = each.length === 1 ? 'the whole interval lies' : 'all intervals lie'
    const bands = [...new Set(each.map(({ band }) => bandText(band)))].join(' and ')
    return { verdict: 'reproduced', reason: `${reason} ${bands}`, p }
  }
  const reasons = reaching.map(({ band }) => {
    const { name } = FIGURES[band.figure]
    return `the interval of ${name} lies neither wholly ${bandText(band)} nor wholly elsewhere`
  })
  return { verdict: 'inconclusive', reason: reasons.join('; '), p }
}

/** An open end says nothing against a claim on its side. */
function against(figure: Figure, { low, high }: { low: number; high: number }): number {
  const { estimate } = figure
  if (!estimate) return 1
  const outside = estimate.mean > high ? figure.low : estimate.mean < low ? figure.high : 0
  return Number.isFinite(outside) ? beyondBand(estimate, { low, high }) : 1
}

/** The ends of a band on the scale that its figure is analysed on. */
function ends({ figure, low, high }: Band): { readonly low: number; readonly high: number } {
  const { scale } = FIGURES[figure]
  return {
    low: low === undefined ? -Infinity : scale(valueOf(low)),
    high: high === undefined ? Infinity : scale(valueOf(high)),
  }
}

/** A quotient stands as it was derived, such as `50/30`. */
function valueOf(end: number | string): number {
  if (typeof end === 'number') return end
  const [over = NaN, under = NaN] = end.split('/').map(Number)
  return over / under
}

function bandText({ figure, low, high }: Band): string {
  const number = (end: number | string) => FIGURES[figure].number(valueOf(end))
  if (low === undefined) return high === undefined ? 'anywhere' : `at or under ${number(high)}`
  return high === undefined
    ? `at or over ${number(low)}`
    : `between ${number(low)} and ${number(high)}`
}

/** What must hold, made from the bands that it is judged by. */
export function predicateText(bands: readonly Band[]): string {
  const parts = bands.map((band) => `${FIGURES[band.figure].name} lies ${bandText(band)}`)
  const text = `${parts.join('; ')}: with all of its 95 % interval, from ${LEAST_TRIALS} trials or more.`
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The arm, or the sentence that says why it cannot be judged. */
function named({ arms }: Context, arm: string | null): ArmAnalysis | string {
  const analysis = arms.get(arm ?? '')
  return analysis?.measured ? analysis : `${arm} has no valid stage`
}
