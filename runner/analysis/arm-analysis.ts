import type { Run } from '../measurement/run.ts'
import type { Stage } from '../measurement/stage.ts'
import type { Crossing } from '../measurement/verdict.ts'
import {
  responses,
  type Response,
  type TrialCrossing,
  trialCrossings,
} from './crossing/estimate.ts'
import { armCrossing, crossingText, interval } from './crossing/interval.ts'
import { fitLaw } from './crossing/law.ts'
import { armNames } from './levels.ts'
import { counts } from './standing.ts'
import { geometricMean, mean } from './statistics/moments.ts'
import { confidence, overTrials } from './statistics/trials.ts'
import { limitedByRunner } from './validity.ts'

/** What one trial found, to be paired with the same round's trial of another arm. */
type TrialFigures = Readonly<{
  crossing: TrialCrossing
  /**
   * Requests per second from the crossing to a tenth past it, the mean of its curve (a largest value would
   * lean upwards, and further out a curve rests on one stage); null unless it was pushed past its crossing.
   */
  ceilingPerS: number | null
  /** Users at which its fitted curve reaches a mean response time in ms; null where it never does. */
  usersAt: (ms: number) => number | null
}>

/** What is known of one arm: its crossing, and what is needed to compare it with another arm. */
export type ArmAnalysis = Readonly<{
  crossing: Crossing
  byTrial: ReadonlyMap<number, TrialFigures>
  /** Fewest and most users with a valid stage of a trial that ended. */
  measured: { readonly least: number; readonly most: number } | null
}>

/** The crossing and the ceiling of one arm over its trials that ended; the stages of others are in the tables alone. */
export function analyseArm(
  { configuration, trials }: Pick<Run, 'configuration' | 'trials'>,
  arm: string,
): ArmAnalysis {
  const { thresholdMs, thresholdOn } = configuration
  const thinkMs = (configuration.thinkMs.min + configuration.thinkMs.max) / 2
  // Nobody knows where the search of a trial that broke off would have ended, nor what it would have found.
  const held = trials.filter((trial) => trial.arm === arm && trial.state === 'complete')
  const stages = held.flatMap((trial) => trial.stages)
  // A trial without a valid stage has no curve to fit.
  const own = held.filter(counts)
  const averaged = responses(stages, thresholdOn)
  const fits = fitLaw(
    own.map((trial) => responses(trial.stages, 'mean')),
    { thresholdMs, thinkMs },
  )
  const crossings = trialCrossings(
    own.map((trial) => responses(trial.stages, thresholdOn)),
    configuration,
    fits,
  )
  const each = own.flatMap(({ index, stages: its }, at) => {
    const crossing = crossings[at] ?? { state: 'no-valid-stage' }
    if (crossing.state === 'no-valid-stage') return []
    const most = Math.max(...responses(its, 'mean').map(({ users }) => users))
    const from = crossing.state === 'crossed' && most >= crossing.users ? crossing.users : null
    const ceilingPerS = from === null ? null : (fits[at]?.ceilingPerS(from, PAST * from) ?? null)
    const usersAt = (ms: number) => fits[at]?.crossing(ms) ?? null
    return [{ index, crossing, ceilingPerS, usersAt }]
  })
  const found = armCrossing(each.map(({ crossing }) => crossing))
  const [first, last] = [averaged[0], averaged.at(-1)]
  const measured = first && last ? { least: first.users, most: last.users } : null
  const curves = fits.filter((fit) => fit !== null)
  // The ceiling of a percentile's crossing rests on the curve, and the crossing does not.
  const restsOnCurve =
    (thresholdOn === 'mean' && found.state === 'crossed') ||
    each.some(({ ceilingPerS }) => ceilingPerS !== null)
  const answer = {
    arm,
    ...found,
    ...(restsOnCurve ? { converged: curves.every(({ converged }) => converged) } : {}),
    state: runnerLimit(stages, averaged) && found.state === 'not-reached' ? LIMITED : found.state,
    ...ceilings(
      each.map(({ ceilingPerS }) => ceilingPerS).filter((ceiling) => ceiling !== null),
      own.map((trial) => mostSeenPerS(trial.stages)).filter((seen) => seen !== null),
    ),
  }
  return {
    crossing: { ...answer, text: crossingText(answer, configuration, measured) },
    byTrial: new Map(each.map(({ index, ...figures }) => [index, figures])),
    measured,
  }
}

/** The analysis of every arm of a run, made once. */
export type Analyses = Readonly<{
  /** What it was made of: of anything else it says nothing. */
  of: Pick<Run, 'configuration' | 'trials'>
  byArm: ReadonlyMap<string, ArmAnalysis>
}>

/** A run, or a part of one, that carries its analysis; absent: whoever needs one makes it. */
export type WithAnalyses<T> = T & Readonly<{ analyses?: Analyses }>

export function analysesOf(run: Analyses['of']): Analyses {
  return { of: run, byArm: new Map(armNames(run).map((arm) => [arm, analyseArm(run, arm)])) }
}

/** The analysis of an arm: the one that the run carries, if it is of these very trials; else a new one. */
export function analysisOf(run: WithAnalyses<Analyses['of']>, arm: string): ArmAnalysis {
  const { analyses, configuration, trials } = run
  const isOfThese = analyses?.of.trials === trials && analyses.of.configuration === configuration
  return (isOfThese ? analyses.byArm.get(arm) : undefined) ?? analyseArm(run, arm)
}

const LIMITED = 'limited-by-runner'
/** The ceiling is the mean of the curve from the crossing to this many times its users. */
const PAST = 1.1

/** The ceiling over trials; without a trial that was pushed past its crossing, the most that was seen. */
function ceilings(
  known: readonly number[],
  seen: readonly number[],
): Pick<Crossing, 'ceilingPerS' | 'ceilingInterval'> {
  if (known.length === 0) {
    return { ceilingPerS: seen.length === 0 ? null : mean(seen), ceilingInterval: null }
  }
  const estimate = overTrials(known.map(Math.log))
  return {
    ceilingPerS: geometricMean(known),
    ceilingInterval: estimate && interval(estimate, confidence),
  }
}

function mostSeenPerS(stages: readonly Stage[]): number | null {
  const valid = stages.filter(({ validity }) => validity.valid)
  return valid.length === 0 ? null : Math.max(...valid.map(({ all }) => all.throughputPerS))
}

/** Did more users fail to be measured because the runner could not drive them? */
function runnerLimit(stages: readonly Stage[], valid: readonly Response[]): boolean {
  const most = valid.at(-1)?.users ?? 0
  return stages.some((stage) => stage.users > most && limitedByRunner(stage))
}
