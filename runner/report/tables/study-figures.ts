import { type Closeness, type Prediction, predictions } from '../../analysis/claims/predictions.ts'
import { comparesConnections, contenderOf, levelAtCrossing } from '../../analysis/claims/arms.ts'
import { meanAt } from '../../analysis/levels.ts'
import type { Run } from '../../measurement/run.ts'
import type { Compared, Studied, Study } from '../../measurement/study.ts'
import { studyStepsSheet } from './study-steps.ts'
import { amount, capital, cell, cores, NONE, range, type Sheet, type Tone } from '../sheet.ts'

/** The study's absolute figures, where the hosts were as fast as its own: each is a prediction. */
export function predictedSheets(run: Studied<Run>): Sheet[] {
  const found = predictions(run)
  return run.study && found
    ? [studyStepsSheet(run, run.study, found), predictedSheet(run.study, found)]
    : []
}

/** The same; on other hosts beside ours, not judged. None where no arm plays a part of the study. */
export function studyFiguresSheets(run: Studied<Run>): Sheet[] {
  const { study } = run
  if (!study) return []
  const own = Object.values(study.arms)
  const hasParts =
    comparesConnections(run) || run.configuration.arms.some(({ from = '' }) => own.includes(from))
  if (!hasParts) return []
  const predicted = predictedSheets(run)
  return predicted.length > 0 ? predicted : [comparedSheet(run, study)]
}

function toneOf(closeness: Closeness): Tone {
  if (closeness === 'off') return 'bad'
  return closeness.startsWith('within') ? 'good' : 'muted'
}

function predictedSheet(study: Study, found: readonly Prediction[]): Sheet {
  return {
    title: `${capital(study.name)}’s figures, predicted on hosts of its speed`,
    notes: [
      'one figure was fitted; each other one is in a class only if all of its 95 % interval is',
    ],
    keys: 2,
    columns: [
      { head: 'arm', kind: 'name' },
      { head: 'figure', kind: 'name' },
      { head: study.id, kind: 'name' },
      { head: 'here', kind: 'figure' },
      { head: '95 % interval', kind: 'figure' },
      { head: 'verdict', kind: 'name' },
    ],
    rows: found
      .filter(({ step }) => step === null)
      .map(({ arm, what, quoted, unit, value, interval, closeness }) => [
        cell(arm ?? NONE, 'strong'),
        cell(what),
        cell(quoted),
        cell(value === null ? NONE : `${amount(value)} ${unit}`),
        cell(interval === null ? NONE : range(interval, amount)),
        cell(closeness, toneOf(closeness)),
      ]),
  }
}

function comparedSheet(run: Studied<Run>, study: Study): Sheet {
  return {
    title: `${capital(study.name)}’s figures beside ours, not judged`,
    notes: [study.hosts.note],
    keys: 2,
    columns: [
      { head: 'figure', kind: 'name' },
      { head: 'connections', kind: 'name' },
      { head: study.id, kind: 'name' },
      { head: 'here', kind: 'figure' },
      { head: 'arm', kind: 'name' },
    ],
    rows: study.figures.compared.map((figure) => {
      const arm = contenderOf(run, figure.role)
      return [
        cell(figure.what, 'strong'),
        cell(figure.role),
        cell(figure.quoted),
        cell(arm === null ? NONE : ours(run, arm, figure.figure)),
        cell(arm ?? NONE),
      ]
    }),
  }
}

function ours(run: Run, arm: string, figure: Compared['figure']): string {
  const crossing = run.crossings.find((one) => one.arm === arm)
  if (!crossing) return NONE
  if (figure === 'crossing') return amount(crossing.users)
  if (figure === 'ceiling') return amount(crossing.ceilingPerS)
  const level = levelAtCrossing(run, crossing)
  const part = figure === 'app-cpu' ? 'app' : 'db'
  const used = level && meanAt(level, ({ cpu }) => cpu[part]?.cores)
  return used === null ? NONE : `${cores(used)} cores`
}
