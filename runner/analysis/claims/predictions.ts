import type { Part, Stage } from '../../measurement/stage.ts'
import { analyseArm, type ArmAnalysis } from '../arm-analysis.ts'
import { responseMs } from '../crossing/estimate.ts'
import { mean } from '../statistics/moments.ts'
import { confidence, LEAST_TRIALS, overTrials } from '../statistics/trials.ts'
import { contenderOf, type Unanalysed } from './arms.ts'
import type { Role } from './article.ts'
import { showsTheService, unansweredShare } from './figures.ts'

/** Read from the fitted curve of each trial. */
type OfCurve = Readonly<{ figure: 'crossing' | 'ceiling' }>
/** Read at so many of the article's users: a step of the ramp. */
type AtStep =
  | Readonly<{ figure: 'mean'; users: number }>
  | Readonly<{ figure: 'unanswered'; users: number }>
  | Readonly<{ figure: 'share'; part: Extract<Part, 'app' | 'db'>; users: number }>

/** An absolute figure of the article, which hosts as fast as its own should show again. */
type RegisteredFigure = Readonly<{
  role: Role
  what: string
  /** In the article's words. */
  article: string
  value: number
  /** `at-most` and `at-least`: the article gives a bound. */
  sense: 'equal' | 'at-most' | 'at-least'
  unit: 'users' | 'req/s' | 'ms' | '%'
  measure: OfCurve | AtStep
}>

/** As fixed on REGISTERED_ON (registry.ts), before the runs that they are held against. */
const FIGURES: readonly RegisteredFigure[] = [
  {
    role: 'pooled',
    what: 'most requests/s',
    article: 'about 100',
    value: 100,
    sense: 'equal',
    unit: 'req/s',
    measure: { figure: 'ceiling' },
  },
  {
    role: 'pooled',
    what: 'users at 100 ms',
    article: '60',
    value: 60,
    sense: 'equal',
    unit: 'users',
    measure: { figure: 'crossing' },
  },
  {
    role: 'pooled',
    what: 'response time at 70 users',
    article: '160 ms',
    value: 160,
    sense: 'equal',
    unit: 'ms',
    measure: { figure: 'mean', users: 70 },
  },
  {
    role: 'pooled',
    what: 'database CPU at 60 users',
    article: 'under 20 %',
    value: 20,
    sense: 'at-most',
    unit: '%',
    measure: { figure: 'share', part: 'db', users: 60 },
  },
  {
    role: 'pooled',
    what: 'no good answer at 80 users',
    article: 'dead: at least half',
    value: 50,
    sense: 'at-least',
    unit: '%',
    measure: { figure: 'unanswered', users: 80 },
  },
  {
    role: 'persistent',
    what: 'users at 100 ms',
    article: '60',
    value: 60,
    sense: 'equal',
    unit: 'users',
    measure: { figure: 'crossing' },
  },
  {
    role: 'persistent',
    what: 'most requests/s',
    article: 'about 100',
    value: 100,
    sense: 'equal',
    unit: 'req/s',
    measure: { figure: 'ceiling' },
  },
  {
    role: 'per-request',
    what: 'users at 100 ms',
    article: 'just past 20',
    value: 20,
    sense: 'equal',
    unit: 'users',
    measure: { figure: 'crossing' },
  },
  {
    role: 'per-request',
    what: 'database CPU at 20 users',
    article: 'up to 40 %',
    value: 40,
    sense: 'equal',
    unit: '%',
    measure: { figure: 'share', part: 'db', users: 20 },
  },
  {
    role: 'per-request',
    what: 'app CPU at 20 users',
    article: '50 %',
    value: 50,
    sense: 'equal',
    unit: '%',
    measure: { figure: 'share', part: 'app', users: 20 },
  },
]

export type Closeness =
  'fitted' | 'within 25 %' | 'within 50 %' | 'off' | 'cannot tell' | 'provisional' | 'not measured'

export type Prediction = Readonly<{
  arm: string | null
  what: string
  article: string
  unit: RegisteredFigure['unit']
  /** The article's figure; null where it gives a bound. */
  expected: number | null
  value: number | null
  /** 95 % interval over three trials or more. */
  interval: { readonly low: number; readonly high: number } | null
  closeness: Closeness
}>

/**
 * The article's absolute figures beside what hosts of its speed show: one figure was fitted, every other is
 * a prediction. A class of closeness is given only where the whole interval is in it.
 *
 * @returns null for a run on other hosts, of which absolute figures say nothing
 */
export function articlePredictions(run: Unanalysed): Prediction[] | null {
  const { hosts } = run.configuration
  if (hosts?.kind !== 'article') return null
  return FIGURES.map((registered): Prediction => {
    const { role, what, article, unit, measure, sense } = registered
    const expected = sense === 'equal' ? registered.value : null
    const arm = contenderOf(run, role)
    const values = arm === null ? [] : valuesOf(run, arm, measure)
    const nothing = { arm, what, article, unit, expected, value: null, interval: null }
    if (values.length === 0) return { ...nothing, closeness: 'not measured' }
    // A share may be zero, and is no ratio then: those are averaged as they are.
    const logs = measure.figure !== 'unanswered'
    const scaled = logs ? values.map(Math.log) : values
    const back = (value: number) => (logs ? Math.exp(value) : value)
    const estimate = overTrials(scaled)
    const [low, high] = estimate ? confidence(estimate).map(back) : []
    const interval = low === undefined || high === undefined ? null : { low, high }
    const value = back(mean(scaled))
    const isFitted = measure.figure === 'ceiling' && arm !== null && arm === hosts.fit?.arm
    return {
      ...nothing,
      value,
      interval,
      closeness: isFitted ? 'fitted' : closenessOf(registered, interval, values.length),
    }
  })
}

function closenessOf(
  { value, sense }: RegisteredFigure,
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
function valuesOf(run: Unanalysed, arm: string, measure: OfCurve | AtStep): number[] {
  if (!('users' in measure))
    return [...analyseArm(run, arm).byTrial.values()].flatMap((trial) =>
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
  measure: AtStep,
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

/** The article's own points of its ramp, ms by users, for its chart. */
export const ARTICLE_POINTS: readonly Readonly<{ role: Role; users: number; ms: number }>[] = [
  { role: 'pooled', users: 60, ms: 100 },
  { role: 'pooled', users: 70, ms: 160 },
  { role: 'persistent', users: 60, ms: 100 },
  { role: 'per-request', users: 20, ms: 100 },
]
