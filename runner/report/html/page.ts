import { againCommand } from '../../plan/options.ts'
import { decisionTexts } from '../../analysis/factors/decisions.ts'
import { bestText, factorText, factorViews } from '../../analysis/factors/levels.ts'
import { machineWarning } from '../../analysis/host-state.ts'
import { armNames } from '../../analysis/levels.ts'
import type { Run } from '../../measurement/run.ts'
import { factorId } from '../charts/factor.ts'
import { INTERACTION_ID } from '../charts/interaction.ts'
import type { Chart } from '../charts/theme.ts'
import { timelineId } from '../charts/timeline.ts'
import { answers, method, remarks, tally, testbedLine } from '../headline.ts'
import type { Sheet } from '../sheet.ts'
import { armSheet } from '../tables/arm.ts'
import { articleFiguresSheet, isOfArticle } from '../tables/article-figures.ts'
import { claimsSheet } from '../tables/claims.ts'
import { busyCostSheet, costSheet } from '../tables/cost.ts'
import { crossingsSheet } from '../tables/crossings.ts'
import { endpointsSheet } from '../tables/endpoints.ts'
import { environmentSheet } from '../tables/environment.ts'
import { factorsSheet, levelSheets } from '../tables/factors.ts'
import { sideBySideSheet } from '../tables/side-by-side.ts'
import { validitySheet } from '../tables/validity.ts'
import { figure, html, list, type Markup, table, tiles, trusted } from './markup.ts'
import { STYLE } from './style.ts'

/**
 * report.html: one file that needs nothing else, verdict first. Its policy forbids it to ask for
 * anything from anywhere, and to run any script.
 */
export function htmlReport(run: Run, charts: readonly Chart[]): string {
  const sections = sectionsOf(run, charts)
  const { profile } = run.configuration
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>samehost: ${profile} run of ${instant(run.startedAt)}</title>
        <style>
          ${trusted(STYLE)}
        </style>
      </head>
      <body>
        ${sections.slice(0, 1).map(([id]) => html`<a class="skip" href="#${id}">To the results</a>`)}
        <header>
          <h1>samehost: ${profile} run of ${instant(run.startedAt)}</h1>
          ${warned(run)} ${headlines(run)}
          ${run.claims.length === 0 ? '' : html`<p class="tally">${tally(run)}</p>`} ${tiles(run)}
          <p class="where">${testbedLine(run)}.</p>
          ${warnings(run)}
          <nav aria-label="Sections">
            <ul>
              ${sections.map(([id, short]) => html`<li><a href="#${id}">${short}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main>
          ${sections.map(
            ([id, , title, content]) =>
              html`<section id="${id}" aria-labelledby="${id}-title">
                <h2 id="${id}-title">${title}</h2>
                ${content}
              </section> `,
          )}
        </main>
        <footer>
          Every figure on this page is in run.json, stages.csv and telemetry.csv beside it.
        </footer>
      </body>
    </html> `.text
}

/** `2026-01-02T03:04:05.678Z` as `2026-01-02 03:04 UTC`. */
const instant = (rfc3339: string) => rfc3339.replace(/^(.{10})T(.{5}).*Z$/, '$1 $2 UTC')

/** Large if it is one statement; what else is known of a factor stands in its section. */
function headlines(run: Run): Markup[] {
  const said = answers(run, bestText)
  if (said.length === 0) said.push('Nothing was judged.')
  const size = said.length === 1 ? 'headline' : 'headline one-of'
  return said.map((statement) => html`<p class="${size}">${statement}</p>`)
}

/** Before any figure: that none counts. */
function warned(run: Run): Markup | null {
  const warning = machineWarning(run)
  return warning === null ? null : html`<div class="warnings" role="note">${list([warning])}</div>`
}

function warnings({ warnings: said, state }: Run): Markup | null {
  const all = [
    ...(state === 'partial' ? ['This run is partial: it ended before its plan did.'] : []),
    ...said,
  ]
  return all.length === 0 ? null : html`<div class="warnings" role="note">${list(all)}</div>`
}

/** A part of the page: its name in the list of sections, its heading, and what it says. */
type Section = readonly [id: string, short: string, title: string, content: Markup]

/** The only table of its section, which has the table's title as its heading. */
const only = (sheet: Sheet) => table(sheet, 'under-its-heading')

/** The page's sections in order: the verdict first, how to do it again last. */
function sectionsOf(run: Run, charts: readonly Chart[]): readonly Section[] {
  const arms = armNames(run)
  const timelines = new Set(run.trials.map(timelineId))
  const apart = new Set([...timelines, ...factorIds(run), INTERACTION_ID])
  const drawn = fitting(charts)
  const left = charts.slice(drawn.length).map(({ id, title }) => `${title}: charts/${id}.svg`)
  const claims = claimsSheet(run)
  const crossings = crossingsSheet(run)
  const cost = costSheet(run)
  const article = articleFiguresSheet(run)
  const environment = environmentSheet(run)
  return [
    // A run whose arms are none of the article's judges no claim of it.
    ...(run.claims.length > 0
      ? [['verdict', 'Verdict', claims.title, only(claims)] satisfies Section]
      : []),
    [
      'crossing',
      'Crossing',
      crossings.title,
      html`${only(crossings)}${list(run.crossings.map(({ text }) => text))}`,
    ],
    ...costsOfFactors(run, drawn),
    ...decides(run, drawn),
    ['charts', 'Charts', 'Charts', html`${drawn.filter(({ id }) => !apart.has(id)).map(figure)}`],
    [
      'ramp',
      'Ramp',
      'Through the ramp',
      html`${table(sideBySideSheet(run))}${arms.map((arm) => table(armSheet(run, arm)))}`,
    ],
    ['cost', 'Cost', cost.title, html`${only(cost)}${table(busyCostSheet(run))}`],
    [
      'trials',
      'Trials',
      'Each trial as it went',
      html`${drawn.filter(({ id }) => timelines.has(id)).map(figure)}${list(left)}`,
    ],
    ['endpoints', 'Endpoints', 'By endpoint', html`${arms.map(endpoints(run))}`],
    ...(isOfArticle(run)
      ? [['article', 'Article', article.title, only(article)] satisfies Section]
      : []),
    ['validity', 'Validity', 'Validity', html`${table(validitySheet(run))}${list(remarks(run))}`],
    ['environment', 'Environment', environment.title, only(environment)],
    ['method', 'Method', 'Method', html`${list(method(run.configuration))}`],
    ['again', 'Again', 'Run it again', html`<pre><code>${againCommand(run)}</code></pre>`],
  ]
}

const factorIds = (run: Run): string[] =>
  [...new Set(factorViews(run).map(({ factor }) => factor))].map((_, nth) => factorId(nth))

/** Only where arms differ in one factor: it is what such a run is for. */
function costsOfFactors(run: Run, drawn: readonly Chart[]): Section[] {
  const views = factorViews(run)
  if (views.length === 0) return []
  const ids = new Set(factorIds(run))
  const charts = drawn.filter(({ id }) => ids.has(id)).map(figure)
  const sheets = levelSheets(run).map((sheet) => table(sheet))
  return [
    [
      'factor',
      'What it costs',
      'What it costs',
      html`${list(views.map(factorText))}${charts}${sheets}`,
    ],
  ]
}

/** Only where two factors were crossed. */
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

/** Characters of charts in a page: with its tables it stays under 2 MB. */
const MOST = 1_400_000

/** The charts, in order, that a page has room for; the rest are files beside it. */
function fitting(charts: readonly Chart[]): Chart[] {
  let used = 0
  return charts.filter(({ wide, narrow }) => {
    used += wide.length + narrow.length
    return used <= MOST
  })
}
