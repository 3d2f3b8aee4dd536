import { armNames } from '../analysis/levels.ts'
import type { Run } from '../measurement/run.ts'
import type { Chart } from './charts/chart.ts'
import { timelineId } from './charts/timeline.ts'
import { comparison, tally } from './headline.ts'
import { figure } from './html/figure.ts'
import { html, trusted, type Markup } from './html/markup.ts'
import { STYLE } from './html/style.ts'
import { table } from './html/table.ts'
import { tiles } from './html/tiles.ts'
import { method } from './method.ts'
import { remarks } from './remarks.ts'
import { rerunCommand } from './rerun.ts'
import { armSheet } from './tables/arm.ts'
import { articleFiguresSheet } from './tables/article-figures.ts'
import { claimsSheet } from './tables/claims.ts'
import { costSheet } from './tables/cost.ts'
import { crossingsSheet } from './tables/crossings.ts'
import { endpointsSheet } from './tables/endpoints.ts'
import { environmentSheet } from './tables/environment.ts'
import { sideBySideSheet } from './tables/side-by-side.ts'
import { validitySheet } from './tables/validity.ts'
import type { Sheet } from './sheet.ts'
import { testbedLine } from './testbed-line.ts'

/**
 * report.html: one file that needs nothing else, verdict first. Its policy forbids it to ask for
 * anything from anywhere, and to run any script.
 */
export function htmlReport(run: Run, charts: readonly Chart[]): string {
  const arms = armNames(run)
  const timelines = new Set(run.trials.map(timelineId))
  const claims = claimsSheet(run)
  const crossings = crossingsSheet(run)
  const cost = costSheet(run)
  const article = articleFiguresSheet(run)
  const environment = environmentSheet(run)
  const sections: readonly Section[] = [
    ['verdict', 'Verdict', claims.title, only(claims)],
    [
      'crossing',
      'Crossing',
      crossings.title,
      html`${only(crossings)}${list(run.crossings.map(({ text }) => text))}`,
    ],
    [
      'charts',
      'Charts',
      'Charts',
      html`${charts.filter(({ id }) => !timelines.has(id)).map(figure)}`,
    ],
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
      html`${charts.filter(({ id }) => timelines.has(id)).map(figure)}`,
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
        <a class="skip" href="#verdict">To the verdict</a>
        <header>
          <h1>samehost: ${profile} run of ${instant(run.startedAt)}</h1>
          <p class="headline">${comparison(run) || 'Nothing was judged.'}</p>
          <p class="tally">${tally(run)}</p>
          ${tiles(run)}
          <p class="where">${testbedLine(run.environment)}.</p>
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

type Section = readonly [id: string, short: string, title: string, content: Markup]

/** The only table of its section, which has the table's title as its heading. */
const only = (sheet: Sheet) => table(sheet, 'under-its-heading')

/** `2026-01-02T03:04:05.678Z` as `2026-01-02 03:04 UTC`. */
const instant = (rfc3339: string) => rfc3339.replace(/^(.{10})T(.{5}).*Z$/, '$1 $2 UTC')

function list(sentences: readonly string[]): Markup | null {
  if (sentences.length === 0) return null
  return html`<ul class="plain">
    ${sentences.map((text) => html`<li>${text}</li>`)}
  </ul>`
}

const endpoints = (run: Run) => (arm: string) =>
  html`<details>
    <summary>${arm} by endpoint</summary>
    ${table(endpointsSheet(run, arm))}
  </details>`

function warnings({ warnings: said, state }: Run): Markup | null {
  const all = [
    ...(state === 'partial' ? ['This run is partial: it ended before its plan did.'] : []),
    ...said,
  ]
  return all.length === 0 ? null : html`<div class="warnings" role="note">${list(all)}</div>`
}
