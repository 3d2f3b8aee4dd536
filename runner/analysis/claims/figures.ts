import type { Stage } from '../../measurement/stage.ts'
import type { FigureName } from '../../measurement/study.ts'
import type { ArmAnalysis } from '../arm-analysis.ts'
import { responseMs } from '../crossing/estimate.ts'
import { trialsText } from '../crossing/interval.ts'
import { ceilingRatio, crossingRatio, type Ratio, ratioInterval, ratioReach } from '../ratio.ts'
import type { Estimate } from '../statistics/batch-means.ts'
import { geometricMean, mean } from '../statistics/moments.ts'
import { confidence, overTrials } from '../statistics/trials.ts'
import type { Context } from './arms.ts'

/** A figure that a claim is judged by. */
export type Figure = Readonly<{
  /** Value with its interval, or said to be provisional. */
  text: string
  trials: number
  /** On the scale that is analysed; null with fewer than three trials. */
  estimate: Estimate | null
  /** 95 % interval on that scale; an end may be infinite. */
  low: number
  high: number
}>

type FigureKind = Readonly<{
  /** What it is, as a predicate says it. */
  name: string
  /** Onto the scale that is analysed, on which errors are about symmetric. */
  scale: (value: number) => number
  number: (value: number) => string
  /** The figure, or the sentence that says why there is none. */
  measure: (
    context: Context,
    over: ArmAnalysis,
    under: ArmAnalysis,
    beside?: ArmAnalysis,
  ) => Figure | string
}>

const times = (value: number) => value.toFixed(value < 10 ? 2 : 1)
const growthOf = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)} %`

/** Every figure that a claim may name. */
export const FIGURES: Readonly<Record<FigureName, FigureKind>> = {
  crossings: {
    name: 'the ratio of the two crossings',
    scale: Math.log,
    number: times,
    measure(_, over, under) {
      const short = [over, under].find(({ crossing }) => crossing.state !== 'crossed')
      if (short) return short.crossing.text
      return ofRatio('users', crossingRatio(over, under), 'no trial has it')
    },
  },
  ceilings: {
    name: 'the ratio of the two ceilings',
    scale: Math.log,
    number: times,
    measure(_, over, under) {
      const ratio = ceilingRatio(over, under)
      return ofRatio('requests/s', ratio, 'an arm was not pushed past its crossing')
    },
  },
  'database-work': {
    name: 'database CPU for each request, at equal users, over that of the pool',
    scale: Math.log,
    number: times,
    measure({ run }, over, under) {
      const [a, b] = [over, under].map(({ crossing }) => work(run.trials, crossing.arm))
      if (!a || !b) return 'an arm is missing'
      const shared = [...a.keys()].filter((round) => b.has(round))
      const ratios = shared.flatMap((round) => {
        const steps = a.get(round) ?? new Map<number, number>()
        const other = b.get(round) ?? new Map<number, number>()
        const atStep = [...steps].flatMap(([users, us]) => {
          const against = other.get(users)
          return against === undefined ? [] : [us / against]
        })
        return atStep.length === 0 ? [] : [geometricMean(atStep)]
      })
      if (ratios.length === 0) return 'no step was seen in both arms'
      const ratio = {
        value: geometricMean(ratios),
        trials: ratios.length,
        estimate: overTrials(ratios.map(Math.log)),
        open: { low: false, high: false },
      }
      return ofRatio('database CPU a request', ratio, '')
    },
  },
  'throughput-growth': {
    name: 'the growth of throughput for each 1 % of users past the crossing',
    scale: (value) => value,
    number: growthOf,
    measure({ run }, arm) {
      const values = growth(run.trials, arm, ({ all }) => all.throughputPerS)
      if (values.length === 0) return notPushed(arm)
      return ofValues('for each 1 % of users: throughput', values, this)
    },
  },
  'response-growth': {
    name: 'the growth of the response time for each 1 % of users past the crossing',
    scale: (value) => value,
    number: growthOf,
    measure({ run }, arm) {
      const values = growth(run.trials, arm, (stage) => responseMs(stage, 'mean'))
      if (values.length === 0) return notPushed(arm)
      return ofValues('response time', values, this)
    },
  },
  'connection-over-framework': {
    name: 'the ratio of the crossings by connection over that by framework',
    scale: Math.log,
    number: times,
    measure(_, over, under, beside) {
      if (!beside) return 'no arm of another framework keeps its connections'
      const short = [over, under, beside].find(({ crossing }) => crossing.state !== 'crossed')
      if (short) return short.crossing.text
      const [kept, opened, other] = [over, under, beside].map(logCrossings)
      const rounds = [...(kept ?? [])].flatMap(([round, users]) => {
        const [without, elsewhere] = [opened?.get(round), other?.get(round)]
        if (without === undefined || elsewhere === undefined) return []
        // Whichever framework is ahead; a spread about none counts for the framework.
        return [Math.exp(users - without - Math.abs(users - elsewhere))]
      })
      if (rounds.length === 0) return 'no round has all three'
      return ofValues('users by connection over users by framework', rounds, this)
    },
  },
}

/** Users at which each trial crossed, on the logarithm, by round. */
const logCrossings = ({ byTrial }: ArmAnalysis): Map<number, number> =>
  new Map(
    [...byTrial].flatMap(([round, { crossing }]): [number, number][] =>
      crossing.state === 'crossed' ? [[round, Math.log(crossing.users)]] : [],
    ),
  )

function ofRatio(what: string, ratio: Ratio | null, missing: string): Figure | string {
  if (ratio === null) return missing
  const found = ratioInterval(ratio)
  return {
    text: `${what} ${times(ratio.value)} times (${ratioReach(ratio)})`,
    trials: ratio.trials,
    estimate: ratio.estimate,
    low: found?.low ? Math.log(found.low) : -Infinity,
    high: found?.high ? Math.log(found.high) : Infinity,
  }
}

const provisional = (trials: number) => `provisional: ${trialsText(trials)}, no interval`

function ofValues(
  what: string,
  values: readonly number[],
  { scale, number }: Pick<FigureKind, 'scale' | 'number'>,
): Figure {
  const scaled = values.map(scale)
  const estimate = overTrials(scaled)
  const back = scale === Math.log ? Math.exp : (value: number) => value
  const centre = number(back(mean(scaled)))
  if (!estimate) {
    const text = `${what} ${centre} (${provisional(values.length)})`
    return { text, trials: values.length, estimate: null, low: -Infinity, high: Infinity }
  }
  const [low, high] = confidence(estimate)
  const reach = `95 % interval ${number(back(low))} to ${number(back(high))}`
  return { text: `${what} ${centre} (${reach})`, trials: values.length, estimate, low, high }
}

const notPushed = ({ crossing: { arm, state } }: ArmAnalysis) =>
  state === 'crossed'
    ? `no valid stage of ${arm} lies a third past its crossing`
    : `${arm} did not cross: there is no “past the crossing”`

type Trials = Context['run']['trials']

/** µs of the database's CPU for each request, by round, then by step of the ramp. */
function work(trials: Trials, arm: string): Map<number, Map<number, number>> {
  const own = trials.filter((trial) => trial.arm === arm)
  return new Map(
    own.map(({ index, stages }) => [
      index,
      new Map(
        stages.flatMap(({ kind, users, cpu, validity }): [number, number][] => {
          const us = cpu.db?.usPerRequest
          return kind === 'ramp' && validity.valid && us ? [[users, us]] : []
        }),
      ),
    ]),
  )
}

/** Less than a tenth more users shows nothing of how a figure grows with them. */
const FURTHER = 1.1

/**
 * Of each trial, by how many percent a figure grows for each percent of users, from the stage nearest to
 * the crossing to the one with the most users.
 */
function growth(
  trials: Trials,
  { crossing: { arm }, byTrial }: ArmAnalysis,
  figure: (stage: Stage) => number | null,
): number[] {
  return trials.flatMap((trial) => {
    const found = byTrial.get(trial.index)?.crossing
    if (trial.arm !== arm || found?.state !== 'crossed') return []
    const away = ({ users }: Stage) => Math.abs(Math.log(users / found.users))
    const stages = measured(trial.stages)
    const near = stages.toSorted((a, b) => away(a) - away(b))[0]
    const far = stages.toSorted((a, b) => b.users - a.users)[0]
    if (!near || !far || far.users < FURTHER * near.users) return []
    const [before, after] = [figure(near), figure(far)]
    if (!before || !after) return []
    return [Math.log(after / before) / Math.log(far.users / near.users)]
  })
}

const measured = (stages: readonly Stage[]): Stage[] =>
  stages.filter(({ kind, validity }) => kind !== 'control' && validity.valid)
