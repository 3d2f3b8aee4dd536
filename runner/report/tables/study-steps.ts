import {
  atStep,
  type Closeness,
  distances,
  distancesText,
  isSteady,
  type Prediction,
  readingOf,
  readingText,
} from '../../analysis/claims/predictions.ts'
import { ownArmOf } from '../../analysis/claims/arms.ts'
import { geometricMean } from '../../analysis/statistics/moments.ts'
import type { Run } from '../../measurement/run.ts'
import {
  type Step,
  STEP_FIGURES,
  type StepFigure,
  type Studied,
  type Study,
} from '../../measurement/study.ts'
import type { Mode } from '../../measurement/trial.ts'
import { amount, capital, cell, type Cell, ms, NONE, type Sheet, type Tone } from '../sheet.ts'

const HEADS: Readonly<Record<StepFigure, string>> = {
  perS: 'requests/s',
  p95: 'p95, ms',
  own: 'own mean, ms',
  running: 'running mean, ms',
}

const MARKS: Readonly<Record<Closeness, readonly [mark: string, tone: Tone]>> = {
  fitted: [' fitted', 'muted'],
  'within 25 %': [' ✓', 'good'],
  'within 50 %': [' ≈', 'good'],
  off: [' ✗', 'bad'],
  'cannot tell': [' ?', 'muted'],
  provisional: ['', 'muted'],
  'not measured': ['', 'muted'],
}

/** Every step of the study's charts that was held here: as charted and as derived there, and the same here. */
export function studyStepsSheet(
  run: Studied<Run>,
  study: Study,
  found: readonly Prediction[],
): Sheet {
  const { charts } = study.figures
  const held = new Set(run.configuration.users)
  const shown = charts.arms.flatMap(({ role, steps }) => {
    const arm = ownArmOf(run, role)
    return arm === null
      ? []
      : steps.filter(({ users }) => held.has(users)).map((step) => ({ role, arm, step }))
  })
  const off = distances(found, study)
  const unsteady = [...new Set(shown.flatMap(({ step }) => step.unsteady ?? []))]
  return {
    title: `${capital(study.name)}’s charts, step by step, and the same here`,
    notes: [
      `${study.id}: as charted, read to ${charts.error.perS} request/s and ${charts.error.ms} ms; the own mean of a step is derived`,
      'running mean: since the test began; own mean: of the step alone',
      ...pausesText(run, study),
      '✓ within 25 %, ≈ within 50 %, ✗ off: each only if all of the 95 % interval is; ? cannot tell',
      ...(off.length === 0
        ? []
        : [`root mean square of the logarithms of here over ${study.id}: ${distancesText(off)}`]),
      ...unsteady.map((why) => `without a verdict where ${why}`),
    ],
    keys: 2,
    columns: [
      { head: 'arm', kind: 'name' },
      { head: 'users', kind: 'figure' },
      ...STEP_FIGURES.flatMap((figure) => [
        { head: HEADS[figure], unit: study.id, kind: 'figure' as const },
        { head: '', unit: 'here', kind: 'figure' as const },
      ]),
    ],
    rows: shown.map(({ role, arm, step }) => [
      cell(arm, 'strong'),
      cell(String(step.users)),
      ...STEP_FIGURES.flatMap((figure) => {
        const reading = readingOf(step, figure)
        return [
          cell(reading === undefined ? NONE : readingText(reading)),
          here(run, arm, step, figure, predictionOf(found, role, step, figure)),
        ]
      }),
    ]),
  }
}

/** Of a share of the pause, in which another one is another load. */
const ALIKE = 0.1

/** Said where users here paused for another time than there: then the steps are not the same load. */
function pausesText({ configuration: { thinkMs } }: Run, { figures, name }: Study): string[] {
  const meanMs = (thinkMs.min + thinkMs.max) / 2
  const there = figures.charts.thinkMs
  if (Math.abs(meanMs / there - 1) <= ALIKE) return []
  return [
    `users here paused for ${meanMs} ms on average and those of ${name} for ${there}: the same steps are another load`,
  ]
}

const predictionOf = (
  found: readonly Prediction[],
  role: Mode,
  { users }: Step,
  figure: StepFigure,
): Prediction | undefined =>
  found.find((one) => one.role === role && one.step?.users === users && one.step.figure === figure)

/** What was predicted with its verdict; what was not, as it is. */
function here(
  { trials }: Run,
  arm: string,
  step: Step,
  figure: StepFigure,
  prediction: Prediction | undefined,
): Cell {
  const show = figure === 'perS' ? amount : ms
  if (prediction && isSteady(step)) {
    if (prediction.value === null) return cell(NONE, 'muted')
    const [mark, tone] = MARKS[prediction.closeness]
    return cell(`${show(prediction.value)}${mark}`, tone)
  }
  const values = trials.flatMap((trial) =>
    trial.arm === arm ? (atStep(trial.stages, { users: step.users, figure }) ?? []) : [],
  )
  return cell(values.length === 0 ? NONE : show(geometricMean(values)), 'muted')
}
