import { armOf } from '../analysis/claims/arms.ts'
import { analysisOf } from '../analysis/arm-analysis.ts'
import { intervalText, trialsText, unsettledText } from '../analysis/crossing/interval.ts'
import { bestText, factorViews } from '../analysis/factors/levels.ts'
import { optimumAdvice } from '../analysis/factors/optimum.ts'
import { type Compared, comparedArms, precisionText } from '../analysis/precision.ts'
import { crossingRatio, type Ratio, ratioInterval } from '../analysis/ratio.ts'
import { LEAST_TRIALS } from '../analysis/statistics/trials.ts'
import type { Run } from '../measurement/run.ts'
import type { Studied } from '../measurement/study.ts'
import type { Crossing, Interval } from '../measurement/verdict.ts'
import { cautionText } from './caution.ts'
import { amount, capital, range } from './sheet.ts'

/** What a run says, in three sentences at most. */
export type Answer = Readonly<{
  /** Why the rest is to be read with care, and what to do about that; null of a run without trouble. */
  caution: string | null
  /** What was found, with its interval, and whether the main conclusion of the study holds here. */
  conclusion: string
  /** What follows for a service; null where nothing does. */
  advice: string | null
  /** How sure that is, and what would make it surer; null where the caution says so. */
  certainty: string | null
}>

export function answerOf(run: Studied<Run>): Answer {
  const caution = cautionText(run)
  return {
    caution,
    conclusion: conclusionText(run),
    advice: adviceText(run),
    certainty: caution === null ? certaintyText(run) : null,
  }
}

/** The sentences of an answer in the order in which they are read. */
export const sentencesOf = ({ caution, conclusion, advice, certainty }: Answer): string[] =>
  [caution, conclusion, advice, certainty].filter((sentence) => sentence !== null)

/** The answer as one paragraph. */
export const answerText = (run: Studied<Run>): string => sentencesOf(answerOf(run)).join(' ')

/** Does the main conclusion of the study hold here, and by what factor? Of a run without one, what it compares. */
export function conclusionText(run: Studied<Run>): string {
  const found = foundText(run)
  const { study, claims } = run
  const registered = study?.claims.find(({ kind }) => kind === 'conclusion')
  // The first conclusion that is registered is the main one.
  const main = claims.find(({ id }) => id === registered?.id)
  // A name is written as it is.
  const isName = run.configuration.arms.some(({ name }) => found.startsWith(name))
  if (!study || !main) return `${isName ? found : capital(found)}.`
  if (main.verdict === 'reproduced')
    return `${capital(study.name)}’s conclusion holds here: ${found}.`
  if (main.verdict === 'not reproduced')
    return `${capital(study.name)}’s conclusion does not hold here: ${found}.`
  const why = main.ours === 'no figure' ? ` (${main.reason})` : ''
  return `Whether ${study.name}’s conclusion holds here cannot be told${why}: ${found}.`
}

/**
 * What a factor does, else kept connections against a new one for each request, else each arm against the first,
 * else where each arm crosses. A clause without its full stop.
 */
function foundText(run: Studied<Run>): string {
  const { crossings, configuration } = run
  const { thresholdMs, thresholdOn } = configuration
  const response = `${thresholdOn} response time`
  const [only, another] = crossings
  if (only === undefined) return 'Nothing was judged'
  if (another === undefined) return only.text.replace(/\.$/, '')
  if (crossings.every(({ state }) => state === 'not-reached'))
    return `no arm’s ${response} reaches ${thresholdMs} ms with the users that were measured`
  const views = factorViews(run)
  if (views.length > 0) return views.map((view) => bestText(view).replace(/\.$/, '')).join('; ')
  const compared = comparedArms(run)
  const known = compared.flatMap(({ over, under, ratio }) =>
    ratio === null ? [] : [{ over, under, ratio }],
  )
  const [first, ...others] = known
  if (first === undefined || known.length < compared.length) {
    const [pair] = compared
    const cannot = pair ? `${pair.over} and ${pair.under} cannot be compared: ` : ''
    return `${cannot}the ${response} reaches ${thresholdMs} ms ${crossings.map(placeText).join(', ')}`
  }
  return (
    `${first.over} serves ${factorOf(first.ratio, `the users of ${first.under} `)} ` +
    `before its ${response} reaches ${thresholdMs} ms` +
    others.map(({ over, ratio }) => `, and ${over} ${factorOf(ratio)}`).join('')
  )
}

/** Such as `6.3 times (5.2 to 7.7)`. */
function factorOf(ratio: Ratio, ofWhat = ''): string {
  const number = (value: number) => value.toFixed(ratio.value < 2 ? 2 : 1)
  const reach = ratioInterval(ratio)
  const interval =
    reach === null ? `${trialsText(ratio.trials)}, no interval` : intervalText(reach, number)
  return `${number(ratio.value)} times ${ofWhat}(${interval})`
}

/** Where an arm crosses, after "reaches 100 ms". */
function placeText({ arm, state, users, interval, bracket, provisional }: Crossing): string {
  const reach = interval === null ? '' : ` (${intervalText(interval, amount)})`
  const places: Readonly<Record<Crossing['state'], string>> = {
    crossed: `in ${arm} at ${amount(users)} users${provisional ? ' (no interval)' : reach}`,
    between: `in ${arm} somewhere between ${range(bracket, amount)} users`,
    'not-reached': `in ${arm} with more users than were measured`,
    'crossed-below': `in ${arm} with fewer users than were measured`,
    'limited-by-runner': `in ${arm} with more users than the runner could drive`,
    'no-valid-stage': `in ${arm} nobody knows where: no stage of it is valid`,
  }
  return places[state]
}

/** Within these two arms are as good as each other: the usual band of equivalence. */
const LEVEL = { low: 0.8, high: 1.25 }

const isLevel = ({ low, high }: Interval): boolean =>
  low !== null && high !== null && low >= LEVEL.low && high <= LEVEL.high

function adviceText(run: Studied<Run>): string | null {
  const views = factorViews(run)
  if (views.length > 0) {
    const said = views.flatMap(({ from, optimum }) => {
      const advice = optimumAdvice(optimum)
      return advice === null ? [] : [views.length > 1 ? `with ${from}, ${advice}` : advice]
    })
    return said.length === 0 ? null : `${capital(said.join('; '))}.`
  }
  const [main] = comparedArms(run)
  if (!main || main.under !== armOf(run, 'per-request') || main.over === main.under) return null
  const reach = main.ratio && ratioInterval(main.ratio)
  const persistent = persistentText(run, main)
  if (!reach) return null
  if (isLevel(reach)) return `Keeping connections open makes little difference here${persistent}.`
  if (reach.low !== null && reach.low > 1)
    return `Keep connections open between requests${persistent}.`
  if (reach.high !== null && reach.high < 1)
    return `Keeping connections open does not serve more users here${persistent}.`
  return `This run cannot tell whether keeping connections open serves more users${persistent}.`
}

/** Is the pool worth it, where connections that are kept without one were measured too? */
function persistentText(run: Studied<Run>, { over: pooled }: Pick<Compared, 'over'>): string {
  const persistent = armOf(run, 'persistent')
  if (persistent === null || persistent === pooled || armOf(run, 'pooled') !== pooled) return ''
  const ratio = crossingRatio(analysisOf(run, persistent), analysisOf(run, pooled))
  const reach = ratio && ratioInterval(ratio)
  const { low, high } = reach ?? { low: null, high: null }
  if (isLevel({ low, high })) return `; ${persistent} is as good as ${pooled}`
  if (low !== null && low > 1) return `; ${persistent} serves more users than ${pooled}`
  if (high !== null && high < 1) return `; ${pooled} serves more users than ${persistent}`
  return `; which of ${pooled} and ${persistent} serves more cannot be told`
}

function certaintyText(run: Studied<Run>): string | null {
  const { crossings, configuration } = run
  const compared = comparedArms(run)
  const named = compared.flatMap(({ over, under }) => [over, under])
  const unsettled =
    configuration.thresholdOn === 'mean'
      ? unsettledText(crossings.filter(({ arm }) => named.includes(arm)))
      : ''
  if (unsettled !== '') return unsettled
  const trials = Math.max(0, ...crossings.map((crossing) => crossing.trials))
  if (trials > 0 && trials < LEAST_TRIALS)
    return `${capital(trialsText(trials))} of each arm cannot show how much figures differ from trial to trial: \`--trials ${LEAST_TRIALS}\` or more gives an interval.`
  return precisionText(run)
}
