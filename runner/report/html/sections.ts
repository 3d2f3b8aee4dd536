import { decisionTexts } from '../../analysis/factors/decisions.ts'
import { armNames } from '../../analysis/levels.ts'
import type { Run } from '../../measurement/run.ts'
import type { Chart } from '../charts/chart.ts'
import { INTERACTION_ID } from '../charts/interaction.ts'
import { timelineId } from '../charts/timeline.ts'
import { fitting } from './budget.ts'
import { figure } from './figure.ts'
import { list } from './list.ts'
import { html, type Markup } from './markup.ts'
import { table } from './table.ts'
import { method } from '../method.ts'
import { remarks } from '../remarks.ts'
import { rerunCommand } from '../rerun.ts'
import { armSheet } from '../tables/arm.ts'
import { articleFiguresSheet } from '../tables/article-figures.ts'
import { claimsSheet } from '../tables/claims.ts'
import { costSheet } from '../tables/cost.ts'
import { crossingsSheet } from '../tables/crossings.ts'
import { endpointsSheet } from '../tables/endpoints.ts'
import { environmentSheet } from '../tables/environment.ts'
import { factorsSheet } from '../tables/factors.ts'
import { sideBySideSheet } from '../tables/side-by-side.ts'
import { validitySheet } from '../tables/validity.ts'
import type { Sheet } from '../sheet.ts'

/** A part of the page: its name in the list of sections, its heading, and what it says. */
export type Section = readonly [id: string, short: string, title: string, content: Markup]

/** The only table of its section, which has the table's title as its heading. */
const only = (sheet: Sheet) => table(sheet, 'under-its-heading')

/** The page's sections in order: the verdict first, how to do it again last. */
export function sectionsOf(run: Run, charts: readonly Chart[]): readonly Section[] {
  const arms = armNames(run)
  const timelines = new Set(run.trials.map(timelineId))
  const apart = new Set([...timelines, INTERACTION_ID])
  const drawn = fitting(charts)
  const left = charts.slice(drawn.length).map(({ id, title }) => `${title}: charts/${id}.svg`)
  const claims = claimsSheet(run)
  const crossings = crossingsSheet(run)
  const cost = costSheet(run)
  const article = articleFiguresSheet(run)
  const environment = environmentSheet(run)
  return [
    ['verdict', 'Verdict', claims.title, only(claims)],
    [
      'crossing',
      'Crossing',
      crossings.title,
      html`${only(crossings)}${list(run.crossings.map(({ text }) => text))}`,
    ],
    ...decides(run, drawn),
    ['charts', 'Charts', 'Charts', html`${drawn.filter(({ id }) => !apart.has(id)).map(figure)}`],
    [
      'ramp',
      'Ramp',
      'Through the ramp',
      html`${table(sideBySideSheet(run))}${arms.map((arm) => table(armSheet(run, arm)))}`,
    ],
    ['cost', 'Cost', cost.title, only(cost)],
    [
      'trials',
      'Trials',
      'Each trial as it went',
      html`${drawn.filter(({ id }) => timelines.has(id)).map(figure)}${list(left)}`,
    ],
    ['endpoints', 'Endpoints', 'By endpoint', html`${arms.map(endpoints(run))}`],
    ['article', 'Article', article.title, only(article)],
    ['validity', 'Validity', 'Validity', html`${table(validitySheet(run))}${list(remarks(run))}`],
    ['environment', 'Environment', environment.title, only(environment)],
    ['method', 'Method', 'Method', html`${list(method(run.configuration))}`],
    [
      'again',
      'Again',
      'Run it again',
      html`<pre><code>${rerunCommand(run.configuration)}</code></pre>`,
    ],
  ]
}

/** Only where frameworks and modes were crossed. */
function decides(run: Run, drawn: readonly Chart[]): Section[] {
  const factors = factorsSheet(run)
  if (!factors) return []
  const chart = drawn.filter(({ id }) => id === INTERACTION_ID).map(figure)
  return [
    [
      'decides',
      'What decides',
      factors.title,
      html`${list(decisionTexts(run))}${chart}${only(factors)}`,
    ],
  ]
}

const endpoints = (run: Run) => (arm: string) =>
  html`<details>
    <summary>${arm} by endpoint</summary>
    ${table(endpointsSheet(run, arm))}
  </details>`
