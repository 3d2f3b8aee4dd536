import type { Stage } from '../../measurement/stage.ts'
import {
  type Predicted,
  type Reading,
  type Step,
  STEP_FIGURES,
  type StepFigure,
  type Study,
} from '../../measurement/study.ts'
import type { Mode, Trial } from '../../measurement/trial.ts'
import { analysisOf, type WithAnalyses } from '../arm-analysis.ts'
import { responseMs } from '../crossing/estimate.ts'
import { chartCrossing, runningMeans } from '../running-mean.ts'
import { mean } from '../statistics/moments.ts'
import { confidence, LEAST_TRIALS, overTrials } from '../statistics/trials.ts'
import { ownArmOf, type Unanalysed } from './arms.ts'

export type Closeness =
  'fitted' | 'within 25 %' | 'within 50 %' | 'off' | 'cannot tell' | 'provisional' | 'not measured'

export type Prediction = Readonly<{
  role: Mode
  arm: string | null
  what: string
  /** Which figure of which step of the study's charts; null for what is of none. */
  step: Readonly<{ users: number; figure: StepFigure }> | null
  /** The figure in the words of the study. */
  quoted: string
  unit: Predicted['unit'] | 'req/s' | 'ms'
  /** The figure of the study; null where it gives a bound. */
  expected: number | null
  value: number | null
  /** 95 % interval over three trials or more. */
  interval: { readonly low: number; readonly high: number } | null
  closeness: Closeness
}>

/** Between what the study's figure lies; `low` is 0 for an upper bound. */
type Span = Readonly<{ low: number; high: number }>

type Asked = Omit<Prediction, 'arm' | 'value' | 'interval' | 'closeness'> &
  Readonly<{ span: Span; figures: (run: WithAnalyses<Unanalysed>, arm: string) => number[] }>

/**
 * A study's absolute figures beside what its own arms show on hosts of its speed: one figure was fitted, every other is
 * a prediction. A class of closeness is given only where the whole interval is in it.
 *
 * @returns null for a run on other hosts, or of other arms, of which absolute figures say nothing
 */
export function predictions(run: WithAnalyses<Unanalysed>): Prediction[] | null {
  const { hosts } = run.configuration
  const { study } = run
  if (!study || hosts?.kind !== study.id) return null
  const asked = [...chartPoints(study), ...otherFigures(study)]
  if (asked.every(({ role }) => ownArmOf(run, role) === null)) return null
  return asked.map(({ span, figures, ...one }): Prediction => {
    const arm = ownArmOf(run, one.role)
    const values = arm === null ? [] : figures(run, arm)
    const nothing = { ...one, arm, value: null, interval: null }
    if (values.length === 0) return { ...nothing, closeness: 'not measured' }
    const logs = values.map(Math.log)
    const estimate = overTrials(logs)
    const [low, high] = estimate ? confidence(estimate).map(Math.exp) : []
    const interval = low === undefined || high === undefined ? null : { low, high }
    const closeness = isFitted(one, arm, run)
      ? 'fitted'
      : closenessOf(span, interval, values.length)
    return { ...nothing, value: Math.exp(mean(logs)), interval, closeness }
  })
}

/** The most requests/s of the arm whose ceiling the hosts were fitted by. */
function isFitted(
  { step }: Asked | Pick<Asked, 'step'>,
  arm: string | null,
  run: Unanalysed,
): boolean {
  const { configuration, study } = run
  if (step?.figure !== 'perS' || arm !== configuration.hosts?.fit?.arm) return false
  const own = study?.figures.charts.arms.find(({ role }) => ownArmOf(run, role) === arm)
  return step.users === Math.max(...(own?.steps ?? []).filter(isSteady).map(({ users }) => users))
}

export const isSteady = ({ unsteady }: Step): boolean => unsteady === undefined

/** The middle of what was read. */
export const middleOf = (reading: Reading): number =>
  typeof reading === 'number' ? reading : (reading.low + reading.high) / 2

/** As it was read: `89`, `140 to 145`. */
export const readingText = (reading: Reading): string =>
  typeof reading === 'number' ? String(reading) : `${reading.low} to ${reading.high}`

/** The figure of a step of a chart; undefined where it was not charted. */
export function readingOf(step: Step, figure: StepFigure): Reading | undefined {
  if (figure === 'perS') return step.perS
  if (figure === 'p95') return step.p95Ms
  return figure === 'own' ? step.ownMs : step.runningMs
}

const spanOf = (reading: Reading, error = 0): Span =>
  typeof reading === 'number'
    ? { low: reading - error, high: reading + error }
    : { low: reading.low - error, high: reading.high + error }

const STEP_TEXT: Readonly<Record<StepFigure, string>> = {
  perS: 'requests/s',
  p95: 'p95',
  own: 'own mean',
  running: 'running mean',
}

/** Every figure of every steady step of the study's charts. */
function chartPoints({ figures: { charts } }: Study): Asked[] {
  return charts.arms.flatMap(({ role, steps }) => {
    const steady = steps.filter(isSteady)
    const [first] = steady
    return steady.flatMap((step) =>
      STEP_FIGURES.flatMap((figure): Asked[] => {
        const reading = readingOf(step, figure)
        if (reading === undefined) return []
        const { users } = step
        const isRate = figure === 'perS'
        return [
          {
            role,
            what: `${STEP_TEXT[figure]} at ${users} users`,
            step: { users, figure },
            quoted: readingText(reading),
            unit: isRate ? 'req/s' : 'ms',
            expected: middleOf(reading),
            span: spanOf(reading, isRate ? charts.error.perS : charts.error.ms),
            figures: ({ trials }, arm) =>
              trials
                .filter((trial) => trial.arm === arm)
                .flatMap(({ stages }) => atStep(stages, { users, figure }, first?.users) ?? []),
          },
        ]
      }),
    )
  })
}

/** The figure of one trial at a step of its ramp. @param fromUsers where the charted test began */
export function atStep(
  stages: readonly Stage[],
  { users, figure }: NonNullable<Prediction['step']>,
  fromUsers = 0,
): number | null {
  if (figure === 'running')
    return runningMeans(stages, fromUsers).find((point) => point.users === users)?.ms ?? null
  const stage = stages.find((each) => each.kind === 'ramp' && each.users === users)
  if (!stage?.validity.valid) return null
  if (figure === 'perS') return stage.all.throughputPerS
  return responseMs(stage, figure === 'own' ? 'mean' : 'p95')
}

/** Crossings, both ways, and shares of CPU. */
function otherFigures(study: Study): Asked[] {
  return study.figures.predictions.flatMap((registered): Asked[] => {
    const { role, what, unit, sense } = registered
    const isCharted = registered.figure === 'running-crossing'
    const reading = isCharted ? chartedCrossing(study, role) : registered.value
    if (reading === null) return []
    const quoted = isCharted
      ? `${registered.quoted}: ${middleOf(reading).toFixed(1)} between its points`
      : registered.quoted
    const upper = sense === 'at-most'
    const span = { ...spanOf(reading), ...(upper ? { low: 0 } : {}) }
    return [
      {
        role,
        what,
        step: null,
        quoted,
        unit,
        expected: upper ? null : middleOf(reading),
        span,
        figures: (run, arm) => valuesOf(run, arm, registered, study),
      },
    ]
  })
}

/** Users at which a running mean passes the threshold as the study charted it; null where it does not. */
export function chartedCrossing({ figures, registration }: Study, role: Mode): number | null {
  const steps = figures.charts.arms.find((chart) => chart.role === role)?.steps ?? []
  const points = steps.flatMap(({ users, runningMs }) =>
    runningMs === undefined ? [] : [{ users, ms: middleOf(runningMs) }],
  )
  return chartCrossing(points, registration.threshold.ms)
}

/** One value of each trial that has it. */
function valuesOf(
  run: WithAnalyses<Unanalysed>,
  arm: string,
  registered: Predicted,
  { figures, registration }: Study,
): number[] {
  if (registered.figure === 'crossing')
    return [...analysisOf(run, arm).byTrial.values()].flatMap(({ crossing }) =>
      crossing.state === 'crossed' ? [crossing.users] : [],
    )
  const own = run.trials.filter((trial) => trial.arm === arm)
  if (registered.figure === 'running-crossing') {
    const [first] = figures.charts.arms.find(({ role }) => role === registered.role)?.steps ?? []
    return own.flatMap(
      ({ stages }) =>
        chartCrossing(runningMeans(stages, first?.users), registration.threshold.ms) ?? [],
    )
  }
  return own.flatMap((trial) => shareOf(run, trial, registered) ?? [])
}

/** CPU of a part at a step, in % of its limit. */
function shareOf(
  { configuration }: Unanalysed,
  trial: Trial,
  { part, users }: Extract<Predicted, { figure: 'share' }>,
): number | null {
  const hosts = trial.hosts ?? configuration.hosts
  const stage = trial.stages.find((each) => each.kind === 'ramp' && each.users === users)
  const cores = stage?.validity.valid ? stage.cpu[part]?.cores : undefined
  if (!cores || hosts === undefined) return null
  return (100 * cores) / (part === 'app' ? hosts.appCores : hosts.dbCores)
}

function closenessOf(
  { low, high }: Span,
  interval: Prediction['interval'],
  trials: number,
): Closeness {
  if (interval === null || trials < LEAST_TRIALS) return 'provisional'
  const within = (share: number): boolean =>
    interval.low >= low / (1 + share) && interval.high <= high * (1 + share)
  if (within(0.25)) return 'within 25 %'
  if (within(0.5)) return 'within 50 %'
  return interval.low > high * 1.5 || interval.high < low / 1.5 ? 'off' : 'cannot tell'
}

/** How far figures of one kind are from the study's, all together. */
export type Distance = Readonly<{
  figure: StepFigure
  /** Root mean square of the logarithms of here over there. */
  rms: number
  /** How many figures. */
  of: number
  /** What was registered. */
  bound: number
}>

/** Of each kind that was measured at all; without the one that was fitted. */
export function distances(found: readonly Prediction[], { figures }: Study): Distance[] {
  return STEP_FIGURES.flatMap((figure): Distance[] => {
    const squares = found.flatMap(({ step, value, expected, closeness }) =>
      step?.figure !== figure || value === null || expected === null || closeness === 'fitted'
        ? []
        : [Math.log(value / expected) ** 2],
    )
    if (squares.length === 0) return []
    return [
      { figure, rms: Math.sqrt(mean(squares)), of: squares.length, bound: figures.bounds[figure] },
    ]
  })
}

/** Such as `requests/s 6 % (9 figures, bound 15 %)`. */
export function distancesText(found: readonly Distance[]): string {
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`
  return found
    .map(
      ({ figure, rms, of, bound }) =>
        `${STEP_TEXT[figure]} ${percent(rms)} (${of} figures, ${rms <= bound ? 'within' : 'over'} the bound of ${percent(bound)})`,
    )
    .join(', ')
}
