import { ARTICLE_ARMS, ARTICLE_FIGURES, type ArticleFigure } from '../../analysis/claims/article.ts'
import {
  articlePredictions,
  type Closeness,
  type Prediction,
} from '../../analysis/claims/predictions.ts'
import { comparesConnections, contenderOf, levelAtCrossing } from '../../analysis/claims/arms.ts'
import { meanAt } from '../../analysis/levels.ts'
import type { Run } from '../../measurement/run.ts'
import { testbedLine } from '../headline.ts'
import { amount, cell, cores, NONE, range, type Sheet, type Tone } from '../sheet.ts'

/** Has the run arms of the article, by how they connect or by what they were changed from? */
export const isOfArticle = (run: Run): boolean =>
  comparesConnections(run) ||
  run.configuration.arms.some(({ from = '' }) => Object.values(ARTICLE_ARMS).includes(from))

/** Were the hosts as fast as the article's, so that its figures are predictions? */
export const articleJudged = (run: Run): boolean => articlePredictions(run) !== null

/** The article's absolute figures beside ours: judged on hosts as fast as its own, and on others not. */
export function articleFiguresSheet(run: Run): Sheet {
  const predictions = articlePredictions(run)
  return predictions ? predictedSheet(run, predictions) : comparedSheet(run)
}

function toneOf(closeness: Closeness): Tone {
  if (closeness === 'off') return 'bad'
  return closeness.startsWith('within') ? 'good' : 'muted'
}

function predictedSheet(run: Run, predictions: readonly Prediction[]): Sheet {
  return {
    title: 'The article’s figures, predicted on hosts of its speed',
    notes: [
      testbedLine(run),
      'one figure was fitted; each other one is in a class only if all of its 95 % interval is',
    ],
    keys: 2,
    columns: [
      { head: 'arm', kind: 'name' },
      { head: 'figure', kind: 'name' },
      { head: 'article', kind: 'name' },
      { head: 'here', kind: 'figure' },
      { head: '95 % interval', kind: 'figure' },
      { head: 'verdict', kind: 'name' },
    ],
    rows: predictions.map(({ arm, what, article, unit, value, interval, closeness }) => [
      cell(arm ?? NONE, 'strong'),
      cell(what),
      cell(article),
      cell(value === null ? NONE : `${amount(value)} ${unit}`),
      cell(interval === null ? NONE : range(interval, amount)),
      cell(closeness, toneOf(closeness)),
    ]),
  }
}

function comparedSheet(run: Run): Sheet {
  return {
    title: 'The article’s figures beside ours, not judged',
    notes: [
      testbedLine(run),
      'the article measured burstable cloud hosts of 2022, and its own services',
    ],
    keys: 2,
    columns: [
      { head: 'figure', kind: 'name' },
      { head: 'connections', kind: 'name' },
      { head: 'article', kind: 'name' },
      { head: 'here', kind: 'figure' },
      { head: 'arm', kind: 'name' },
    ],
    rows: ARTICLE_FIGURES.map((figure) => {
      const arm = contenderOf(run, figure.role)
      return [
        cell(figure.what, 'strong'),
        cell(figure.role),
        cell(figure.article),
        cell(arm === null ? NONE : ours(run, arm, figure.figure)),
        cell(arm ?? NONE),
      ]
    }),
  }
}

function ours(run: Run, arm: string, figure: ArticleFigure['figure']): string {
  const crossing = run.crossings.find((one) => one.arm === arm)
  if (!crossing) return NONE
  if (figure === 'crossing') return amount(crossing.users)
  if (figure === 'ceiling') return amount(crossing.ceilingPerS)
  const level = levelAtCrossing(run, crossing)
  const part = figure === 'app-cpu' ? 'app' : 'db'
  const used = level && meanAt(level, ({ cpu }) => cpu[part]?.cores)
  return used === null ? NONE : `${cores(used)} cores`
}
