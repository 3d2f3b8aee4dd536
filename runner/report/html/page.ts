import { bestText } from '../../analysis/factors/levels.ts'
import { machineWarning } from '../../analysis/host-state.ts'
import type { Run } from '../../measurement/run.ts'
import type { Studied } from '../../measurement/study.ts'
import type { Chart } from '../charts/theme.ts'
import { answers, NOTHING_JUDGED, studyAnswer, tally, testbedLine } from '../headline.ts'
import { type ShownSection, sectionsOf } from '../sections.ts'
import type { Sheet } from '../sheet.ts'
import { figure, html, list, type Markup, table, tiles, trusted, type Value } from './markup.ts'
import { STYLE } from './style.ts'

/**
 * report.html: one file that needs nothing else, verdict first. Its policy forbids it to ask for
 * anything from anywhere, and to run any script.
 */
export function htmlReport(run: Studied<Run>, charts: readonly Chart[]): string {
  const sections = sectionsOf(run, 'page')
  const drawn = new Set(fitting(charts))
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
        ${sections.slice(0, 1).map(({ id }) => html`<a class="skip" href="#${id}">To the results</a>`)}
        <header>
          <h1>samehost: ${profile} run of ${instant(run.startedAt)}</h1>
          ${warned(run)} ${headlines(run)}
          ${run.claims.length === 0 ? '' : html`<p class="tally">${tally(run)}</p>`} ${tiles(run)}
          <p class="where">${testbedLine(run)}.</p>
          ${warnings(run)}
          <nav aria-label="Sections">
            <ul>
              ${sections.map(({ id, short }) => html`<li><a href="#${id}">${short}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main>
          ${sections.map(
            (section) =>
              html`<section id="${section.id}" aria-labelledby="${section.id}-title">
                <h2 id="${section.id}-title">${headingOf(section)}</h2>
                ${content(section, charts, drawn)}
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
function headlines(run: Studied<Run>): Markup[] {
  const plain = studyAnswer(run)
  const said = answers(run, bestText)
  if (said.length === 0) said.push(NOTHING_JUDGED)
  const size = plain === '' && said.length === 1 ? 'headline' : 'headline one-of'
  return [
    ...(plain === '' ? [] : [html`<p class="headline">${withCode(plain)}</p>`]),
    ...said.map((statement) => html`<p class="${size}">${statement}</p>`),
  ]
}

/** What stands between backticks, as a terminal has it, is code. */
const withCode = (text: string): Value[] =>
  text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))

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

const headingOf = (section: ShownSection): string =>
  section.title ?? firstSheet(section)?.title ?? section.short

const firstSheet = ({ blocks }: ShownSection): Sheet | undefined =>
  blocks.flatMap((block) => ('tables' in block ? block.tables : []))[0]

/** @param drawn those of the charts that the page has room for; of the others it names the files */
function content(
  section: ShownSection,
  charts: readonly Chart[],
  drawn: ReadonlySet<Chart>,
): Value[] {
  const heads = section.title === undefined ? firstSheet(section) : undefined
  return section.blocks.map((block): Value => {
    if ('tables' in block) {
      if (section.detail) return block.tables.map(folded)
      return block.tables.map((sheet) =>
        table(sheet, sheet === heads ? 'under-its-heading' : 'titled'),
      )
    }
    if ('charts' in block) {
      const own = charts.filter(({ about }) => about === block.charts)
      const left = own.filter((chart) => !drawn.has(chart))
      return [
        own.filter((chart) => drawn.has(chart)).map(figure),
        list(left.map(({ id, title }) => `${title}: charts/${id}.svg`)),
      ]
    }
    if ('command' in block) return html`<pre><code>${block.command}</code></pre>`
    return list('answers' in block ? block.answers : block.remarks)
  })
}

const folded = (sheet: Sheet): Markup =>
  html`<details>
    <summary>${sheet.title}</summary>
    ${table(sheet)}
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
