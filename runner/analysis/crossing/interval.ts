import type { Configuration } from '../../measurement/run.ts'
import type { Crossing, Interval } from '../../measurement/verdict.ts'
import type { Estimate } from '../statistics/batch-means.ts'
import { geometricMean } from '../statistics/moments.ts'
import { prediction } from '../statistics/between-runs.ts'
import { confidence, LEAST_TRIALS, overTrials } from '../statistics/trials.ts'
import type { TrialCrossing } from './estimate.ts'

type Found = Pick<
  Crossing,
  'state' | 'trials' | 'provisional' | 'users' | 'bracket' | 'interval' | 'prediction'
>

/** Which ends of an arm's interval are open, since some of its trials are known by a bound alone. */
export type OpenEnds = Readonly<{
  low: boolean
  high: boolean
}>

/**
 * The crossing of an arm over its trials: the geometric mean, Student's t on the logarithms from three
 * trials on. A trial that did not cross is censored: it counts at its bound, and that end is open.
 */
export function armCrossing(trials: readonly TrialCrossing[]): Found {
  const values = trials.flatMap((trial) => {
    if (trial.state === 'crossed') return [trial.users]
    return 'bound' in trial ? [trial.bound] : []
  })
  const brackets = trials.flatMap((trial) =>
    'bracket' in trial && trial.bracket ? [trial.bracket] : [],
  )
  const bracket =
    brackets.length === 0
      ? null
      : {
          low: Math.min(...brackets.map(({ low }) => low)),
          high: Math.max(...brackets.map(({ high }) => high)),
        }
  const nothing = { trials: 0, users: null, interval: null, prediction: null }
  if (!trials.some(({ state }) => state === 'crossed')) {
    return {
      ...nothing,
      state: stateOf(trials),
      provisional: values.length < LEAST_TRIALS,
      bracket,
    }
  }
  const estimate = overTrials(values.map(Math.log))
  const ends = openEnds(trials)
  return {
    state: 'crossed',
    trials: values.length,
    provisional: estimate === null,
    users: geometricMean(values),
    bracket,
    interval: estimate && interval(estimate, confidence, ends),
    prediction: estimate && interval(estimate, prediction, ends),
  }
}

function openEnds(trials: readonly TrialCrossing[]): OpenEnds {
  return {
    low: trials.some(({ state }) => state === 'crossed-below'),
    high: trials.some(({ state }) => state === 'not-reached'),
  }
}

function stateOf(trials: readonly TrialCrossing[]): Crossing['state'] {
  const states = new Set(trials.map(({ state }) => state))
  if (states.has('between')) return 'between'
  // Some trials below all that was measured and some above: it lies somewhere.
  if (states.has('not-reached') && states.has('crossed-below')) return 'between'
  if (states.has('not-reached')) return 'not-reached'
  return states.has('crossed-below') ? 'crossed-below' : 'no-valid-stage'
}

/** An interval of a logarithm as one of the figure itself. */
export function interval(
  estimate: Estimate,
  of: (estimate: Estimate) => [number, number],
  ends: OpenEnds = { low: false, high: false },
): Interval {
  const [low, high] = of(estimate)
  return {
    low: ends.low ? null : Math.exp(low),
    high: ends.high ? null : Math.exp(high),
  }
}

/**
 * Of which of these arms the fitted curve did not settle, in a sentence; empty where all did, or it is not known.
 *
 * @param crossings of a run, or some of them
 */
export function unsettledText(crossings: readonly Pick<Crossing, 'arm' | 'converged'>[]): string {
  const arms = crossings.filter(({ converged }) => converged === false).map(({ arm }) => arm)
  if (arms.length === 0) return ''
  return (
    `The fit of the curve of ${arms.join(' and ')} did not converge: another fit of the same stages may differ by a ` +
    'percent or two.'
  )
}

type Measured = { readonly least: number; readonly most: number } | null

/** The answer in one sentence. */
export function crossingText(
  crossing: Omit<Crossing, 'text'>,
  { thresholdMs, thresholdOn }: Pick<Configuration, 'thresholdMs' | 'thresholdOn'>,
  measured: Measured,
): string {
  const { arm, bracket, ceilingPerS, state } = crossing
  const response = `${arm}: the ${thresholdOn} response time`
  const ceiling = ceilingPerS === null ? '' : ` Most requests/s: ${ceilingPerS.toFixed(0)}.`
  const unsettled = unsettledText([crossing])
  const doubt = unsettled === '' ? '' : ` ${unsettled}`
  const below = `is below ${thresholdMs} ms up to ${measured?.most} users`
  const answers: Readonly<Record<Crossing['state'], string>> = {
    crossed: `${response} reaches ${thresholdMs} ms at ${place(crossing)}.${ceiling}${doubt}`,
    between:
      `${response} reaches ${thresholdMs} ms somewhere between ${bracket?.low ?? measured?.least} and ` +
      `${bracket?.high ?? measured?.most} users: nothing valid was measured near it.${ceiling}`,
    'not-reached': `${response} ${below}, the most that were measured.${ceiling}`,
    'crossed-below': `${response} is over ${thresholdMs} ms already at ${measured?.least} users.${ceiling}`,
    'limited-by-runner': `${response} ${below}; past that the runner could not keep up.${ceiling}`,
    'no-valid-stage': `${arm}: no trial that ended has a valid stage, so nothing can be said.`,
  }
  return answers[state]
}

const amount = (value: number) => value.toFixed(value < 100 ? 1 : 0)

function place({
  users,
  trials,
  interval: mean,
  prediction: next,
}: Omit<Crossing, 'text'>): string {
  const about = `${amount(users ?? Number.NaN)} users`
  if (!mean || !next) return `${about} (provisional: ${trialsText(trials)}, no interval)`
  return (
    `${about} (95 % interval of the mean, of this run: ${intervalText(mean, amount)}; ` +
    `another run like it would fall within ${intervalText(next, amount)})`
  )
}

export const trialsText = (trials: number) => `${trials} trial${trials === 1 ? '' : 's'}`

/** `low to high`; an open end is said as such. */
export function intervalText(
  { low, high }: Pick<Interval, 'low' | 'high'>,
  format: (value: number) => string,
): string {
  if (low === null)
    return high === null ? 'open at both ends' : `at most ${format(high)}, open below`
  return high === null ? `at least ${format(low)}, open above` : `${format(low)} to ${format(high)}`
}
