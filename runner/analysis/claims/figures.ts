import type { Stage } from '../../measurement/stage.ts'
import type { FigureName } from '../../measurement/study.ts'
import type { ArmAnalysis } from '../arm-analysis.ts'
import { responseMs } from '../crossing/estimate.ts'
import { trialsText } from '../crossing/interval.ts'
import { OVERLOAD } from '../crossing/search.ts'
import {
  ceilingRatio,
  crossingRatio,
  type Ratio,
  ratioInterval,
  ratioOf,
  ratioReach,
} from '../ratio.ts'
import type { Estimate } from '../statistics/batch-means.ts'
import { geometricMean, mean } from '../statistics/moments.ts'
import { confidence, overTrials } from '../statistics/trials.ts'
import { checksThat } from '../checks/checks.ts'
import { limitedByRunner } from '../validity.ts'
import { appLimitCores, type Context } from './arms.ts'

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
  measure: (context: Context, over: ArmAnalysis, under: ArmAnalysis) => Figure | string
}>

const times = (value: number) => value.toFixed(value < 10 ? 2 : 1)
/** Of a share: an interval that is symmetric about a small one would reach below 0. */
const percent = (value: number) => `${(100 * Math.max(0, value)).toFixed(value < 0.1 ? 1 : 0)} %`
const growthOf = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)} %`

/** Every figure that a claim may name. */
export const FIGURES: Readonly<Record<FigureName, FigureKind>> = {
  crossings: {
    name: 'the ratio of the two crossings',
    scale: Math.log,
    number: times,
    measure({ arms }, over, under) {
      const short = [over, under].find(({ crossing }) => crossing.state !== 'crossed')
      if (short) return short.crossing.text
      return ofRatio('users', crossingRatio(over, under, arms.values()), 'no round has both')
    },
  },
  ceilings: {
    name: 'the ratio of the two ceilings',
    scale: Math.log,
    number: times,
    measure({ arms }, over, under) {
      const ratio = ceilingRatio(over, under, arms.values())
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
      const paired = shared.map((round): [number, number] => {
        const steps = a.get(round) ?? new Map<number, number>()
        const other = b.get(round) ?? new Map<number, number>()
        const ratios = [...steps].flatMap(([users, us]) => {
          const against = other.get(users)
          return against === undefined ? [] : [us / against]
        })
        return [round, ratios.length === 0 ? Number.NaN : Math.log(geometricMean(ratios))]
      })
      const found = new Map(paired.filter(([, value]) => Number.isFinite(value)))
      const zero = new Map([...found].map(([round]) => [round, 0] as const))
      const ratio = ratioOf(found, zero, [])
      return ofRatio('database CPU a request', ratio, 'no step was seen in both arms')
    },
  },
  'app-share': {
    name: 'the share of its CPU limit that the app uses at the crossing',
    scale: Math.log,
    number: percent,
    measure({ run }, arm) {
      const shares = atCrossing(run.trials, arm, ({ cpu }, trial) => {
        const cores = cpu.app?.cores
        // Without a limit one core is what one single-threaded server process can use.
        return cores && cores / (appLimitCores(run, trial) ?? 1)
      })
      if (shares.length === 0) return `the CPU of ${arm.crossing.arm} was not seen at its crossing`
      return ofValues('app CPU at the crossing', shares, this)
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
  unanswered: {
    name: 'the share of requests that get no good answer, at 4/3 of the crossing’s users or more,',
    scale: (value) => value,
    number: percent,
    measure({ run }, arm) {
      const stages = run.trials.flatMap((trial) =>
        trial.arm === arm.crossing.arm ? overloaded(trial.stages, arm, trial.index) : [],
      )
      if (stages.length === 0) return notPushed(arm)
      const shares = stages.map(unansweredShare)
      // All shares alike show no spread, but each is a share of a finite number of requests.
      const within = mean(
        stages.map((stage, at) => {
          const asked = Math.max(2, askedOf(stage))
          const share = Math.max(shares[at] ?? 0, 1 / asked)
          return (share * (1 - Math.min(share, 1 - 1 / asked))) / asked
        }),
      )
      return ofValues('unanswered', shares, this, within)
    },
  },
}

/** Requests that are owed an answer in the window: those sent in it, and those that users wait for all through it. */
function askedOf({ outcomes: { sent }, littlesLaw: { stuckUsers = 0 }, users }: Stage): number {
  // Where there is neither, each user waits for a connection.
  return sent + stuckUsers || users
}

/** The share of requests that get no good answer. */
export function unansweredShare(stage: Stage): number {
  return 1 - stage.outcomes.succeeded / askedOf(stage)
}

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

/** @param leastVariance of a value, from within its trial */
function ofValues(
  what: string,
  values: readonly number[],
  { scale, number }: Pick<FigureKind, 'scale' | 'number'>,
  leastVariance = 0,
): Figure {
  const scaled = values.map(scale)
  const found = overTrials(scaled)
  const estimate = found && {
    ...found,
    error: Math.sqrt(Math.max(found.error ** 2, leastVariance / values.length)),
  }
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

/** A stage this near to the crossing, as a share of its users, shows the state at the crossing. */
const AT = 0.15

/** Of each trial that crossed, a figure of its valid stage nearest to the crossing. */
function atCrossing(
  trials: Trials,
  { crossing: { arm }, byTrial }: ArmAnalysis,
  figure: (stage: Stage, trial: Trials[number]) => number | null | undefined,
): number[] {
  return trials.flatMap((trial) => {
    const found = byTrial.get(trial.index)?.crossing
    if (trial.arm !== arm || found?.state !== 'crossed') return []
    const away = ({ users }: Stage) => Math.abs(Math.log(users / found.users))
    const nearest = measured(trial.stages).toSorted((a, b) => away(a) - away(b))[0]
    const value = nearest && away(nearest) <= AT ? figure(nearest, trial) : null
    return typeof value === 'number' && value > 0 ? [value] : []
  })
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

/**
 * Checks that a service at its end fails: failing is what that claim is about. The share of requests that get
 * no good answer needs no steady state, and one that stops within a window, or lets nobody connect, has none.
 */
const OF_THE_SERVICE = checksThat(({ blames }) => blames === 'service')

/** Does the share of requests without a good answer tell of the service, valid or not? */
export const showsTheService = (stage: Stage): boolean =>
  !limitedByRunner(stage) && stage.validity.reasons.every(({ check }) => OF_THE_SERVICE.has(check))

/** The stage of a trial that lies a third past its crossing: the first that fails by half, else the last. */
function overloaded(stages: readonly Stage[], arm: ArmAnalysis, round: number): Stage[] {
  const found = arm.byTrial.get(round)?.crossing
  if (found?.state !== 'crossed') return []
  // The search probes the next whole number of users from its own estimate: a little less will do.
  const past = stages
    .filter((stage) => stage.users >= 0.95 * OVERLOAD * found.users && showsTheService(stage))
    .toSorted((a, b) => a.users - b.users)
  const dead = past.find(({ outcomes: { sent, succeeded } }) => succeeded <= sent / 2)
  const shown = dead ?? past.at(-1)
  return shown ? [shown] : []
}
