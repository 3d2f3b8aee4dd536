import type { Stage } from '../../measurement/stage.ts'
import type { Measure, Predicted } from '../../measurement/study.ts'
import { analysisOf, type ArmAnalysis, type WithAnalyses } from '../arm-analysis.ts'
import { responseMs } from '../crossing/estimate.ts'
import { mean } from '../statistics/moments.ts'
import { confidence, LEAST_TRIALS, overTrials } from '../statistics/trials.ts'
import { contenderOf, type Unanalysed } from './arms.ts'
import { showsTheService, unansweredShare } from './figures.ts'

export type Closeness =
  'fitted' | 'within 25 %' | 'within 50 %' | 'off' | 'cannot tell' | 'provisional' | 'not measured'

export type Prediction = Readonly<{
  arm: string | null
  what: string
  /** The figure in the words of the study. */
  quoted: string
  unit: Predicted['unit']
  /** The figure of the study; null where it gives a bound. */
  expected: number | null
  value: number | null
  /** 95 % interval over three trials or more. */
  interval: { readonly low: number; readonly high: number } | null
  closeness: Closeness
}>

/**
 * A study's absolute figures beside what hosts of its speed show: one figure was fitted, every other is
 * a prediction. A class of closeness is given only where the whole interval is in it.
 *
 * @returns null for a run on other hosts, of which absolute figures say nothing
 */
export function predictions(run: WithAnalyses<Unanalysed>): Prediction[] | null {
  const { hosts } = run.configuration
  const { study } = run
  if (!study || hosts?.kind !== study.id) return null
  return study.figures.predictions.map((registered): Prediction => {
    const { role, what, quoted, unit, sense } = registered
    const expected = sense === 'equal' ? registered.value : null
    const arm = contenderOf(run, role)
    const values = arm === null ? [] : valuesOf(run, arm, registered)
    const nothing = { arm, what, quoted, unit, expected, value: null, interval: null }
    if (values.length === 0) return { ...nothing, closeness: 'not measured' }
    // A share may be zero, and is no ratio then: those are averaged as they are.
    const logs = registered.figure !== 'unanswered'
    const scaled = logs ? values.map(Math.log) : values
    const back = (value: number) => (logs ? Math.exp(value) : value)
    const estimate = overTrials(scaled)
    const [low, high] = estimate ? confidence(estimate).map(back) : []
    const interval = low === undefined || high === undefined ? null : { low, high }
    const value = back(mean(scaled))
    const isFitted = registered.figure === 'ceiling' && arm !== null && arm === hosts.fit?.arm
    return {
      ...nothing,
      value,
      interval,
      closeness: isFitted ? 'fitted' : closenessOf(registered, interval, values.length),
    }
  })
}

function closenessOf(
  { value, sense }: Predicted,
  interval: Prediction['interval'],
  trials: number,
): Closeness {
  if (interval === null || trials < LEAST_TRIALS) return 'provisional'
  const within = (share: number): boolean => {
    const low = sense === 'at-most' ? 0 : value / (1 + share)
    const high = sense === 'at-least' ? Infinity : value * (1 + share)
    return interval.low >= low && interval.high <= high
  }
  if (within(0.25)) return 'within 25 %'
  if (within(0.5)) return 'within 50 %'
  const above = sense !== 'at-least' && interval.low > value * 1.5
  const below = sense !== 'at-most' && interval.high < value / 1.5
  return above || below ? 'off' : 'cannot tell'
}

/** One value of each trial that has it. */
function valuesOf(run: WithAnalyses<Unanalysed>, arm: string, measure: Measure): number[] {
  if (!('users' in measure))
    return [...analysisOf(run, arm).byTrial.values()].flatMap((trial) =>
      figureOf(trial, measure.figure),
    )
  return run.trials
    .filter((trial) => trial.arm === arm)
    .flatMap((trial) => {
      const hosts = trial.hosts ?? run.configuration.hosts
      return trial.stages
        .filter(({ kind, users }) => kind === 'ramp' && users === measure.users)
        .flatMap((stage) => atStep(stage, measure, hosts) ?? [])
    })
}

function figureOf(
  { crossing, ceilingPerS }: NonNullable<ReturnType<ArmAnalysis['byTrial']['get']>>,
  figure: 'crossing' | 'ceiling',
): number[] {
  if (figure === 'ceiling') return ceilingPerS === null ? [] : [ceilingPerS]
  return crossing.state === 'crossed' ? [crossing.users] : []
}

function atStep(
  stage: Stage,
  measure: Extract<Measure, { users: number }>,
  hosts: Readonly<{ appCores: number; dbCores: number }> | undefined,
): number | null {
  const { cpu, validity } = stage
  if (measure.figure === 'unanswered') {
    // A service at its end fails checks: that is what this figure is about.
    return showsTheService(stage) ? 100 * unansweredShare(stage) : null
  }
  if (!validity.valid) return null
  if (measure.figure === 'mean') return responseMs(stage, 'mean')
  const cores = cpu[measure.part]?.cores
  if (!cores || hosts === undefined) return null
  return (100 * cores) / (measure.part === 'app' ? hosts.appCores : hosts.dbCores)
}
