import { ARTICLE_FIGURES, type ArticleFigure } from '../../analysis/claims/article.ts'
import { armOf, levelAtCrossing } from '../../analysis/claims/arms.ts'
import { meanAt } from '../../analysis/levels.ts'
import type { Run } from '../../measurement/run.ts'
import { testbedLine } from '../headline.ts'
import { amount, cell, cores, NONE, type Sheet } from '../sheet.ts'

/** The article's absolute figures beside ours. Another host gives other figures: they are not judged. */
export function articleFiguresSheet(run: Run): Sheet {
  return {
    title: 'The article’s figures beside ours, not judged',
    notes: [
      testbedLine(run.environment),
      'the article measured burstable cloud hosts of 2022, and its own services',
    ],
    columns: [
      { head: 'figure', kind: 'name' },
      { head: 'connections', kind: 'name' },
      { head: 'article', kind: 'name' },
      { head: 'here', kind: 'figure' },
      { head: 'arm', kind: 'name' },
    ],
    rows: ARTICLE_FIGURES.map((figure) => {
      const arm = armOf(run, figure.role)
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
