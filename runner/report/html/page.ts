import type { Run } from '../../measurement/run.ts'
import type { Studied } from '../../measurement/study.ts'
import { answerOf } from '../answer.ts'
import type { Chart } from '../charts/theme.ts'
import { type ShownSection, sectionsOf } from '../sections.ts'
import type { Sheet } from '../sheet.ts'
import { figure, html, list, type Markup, table, trusted, type Value, withCode } from './markup.ts'
import { STYLE } from './style.ts'

/**
 * report.html: one file that needs nothing else, the answer first, its picture next. Its policy forbids it to ask for
 * anything from anywhere, and to run any script.
 */
export function htmlReport(run: Studied<Run>, charts: readonly Chart[]): string {
  const drawn = new Set(fitting(charts))
  const sections = sectionsOf(run, 'page').filter((section) => hasContent(section, charts))
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
          ${answer(run)} ${warnings(run)}
          <nav aria-label="Sections">
            <ul>
              ${sections.map(({ id, short }) => html`<li><a href="#${id}">${short}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main>${sections.map((section) => shown(section, charts, drawn))}</main>
        <footer>
          Every figure on this page is in run.json, stages.csv and telemetry.csv beside it; figures
          by endpoint are in stages.csv.
        </footer>
      </body>
    </html> `.text
}

/** `2026-01-02T03:04:05.678Z` as `2026-01-02 03:04 UTC`. */
const instant = (rfc3339: string) => rfc3339.replace(/^(.{10})T(.{5}).*Z$/, '$1 $2 UTC')

/** Characters that a large headline holds; of several arms of a factor there are more to say. */
const LONG = 220

/** What to beware of, what was found, and what follows. */
function answer(run: Studied<Run>): Markup {
  const { caution, conclusion, advice, certainty } = answerOf(run)
  const rest = [advice, certainty].filter((sentence) => sentence !== null).join(' ')
  return html`<div class="answer">
    ${caution === null ? '' : html`<p class="caution">${withCode(caution)}</p>`}
    <p class="headline${conclusion.length > LONG ? ' long' : ''}">${withCode(conclusion)}</p>
    ${rest === '' ? '' : html`<p class="rest">${withCode(rest)}</p>`}
  </div>`
}

function warnings({ warnings: said }: Run): Markup | null {
  return said.length === 0 ? null : html`<div class="warnings" role="note">${list(said)}</div>`
}

/** A section without a table has its charts, and those only if they were drawn. */
const hasContent = ({ blocks }: ShownSection, charts: readonly Chart[]): boolean =>
  blocks.some((block) => !('charts' in block) || charts.some(({ about }) => about === block.charts))

function shown(section: ShownSection, charts: readonly Chart[], drawn: ReadonlySet<Chart>): Markup {
  const { id, detail } = section
  const heading = html`<h2 id="${id}-title">
    ${headingOf(section)}<a class="anchor" href="#${id}" aria-label="Link to ${headingOf(section)}"
      >#</a
    >
  </h2>`
  const inside = content(section, charts, drawn)
  return html`<section id="${id}" aria-labelledby="${id}-title">
    ${
      detail
        ? html`<details>
            <summary>${heading}</summary>
            ${inside}
          </details>`
        : html`${heading} ${inside}`
    }
  </section> `
}

const headingOf = (section: ShownSection): string =>
  section.title ?? firstSheet(section)?.title ?? section.short

const firstSheet = ({ blocks }: ShownSection): Sheet | undefined =>
  blocks.flatMap((block) => ('tables' in block ? block.tables : []))[0]

/** @param drawn those of the charts that the page has room for; the others are linked, as files beside it */
function content(
  section: ShownSection,
  charts: readonly Chart[],
  drawn: ReadonlySet<Chart>,
): Value[] {
  const heads = section.title === undefined ? firstSheet(section) : undefined
  return section.blocks.map((block): Value => {
    if ('tables' in block) {
      return block.tables.map((sheet) =>
        table(sheet, sheet === heads ? 'under-its-heading' : 'titled'),
      )
    }
    if ('charts' in block) {
      const own = charts.filter(({ about }) => about === block.charts)
      const left = own.filter((chart) => !drawn.has(chart))
      return [own.filter((chart) => drawn.has(chart)).map(figure), files(left)]
    }
    if ('command' in block) return html`<pre><code>${block.command}</code></pre>`
    return list(block.remarks)
  })
}

function files(left: readonly Chart[]): Markup | null {
  if (left.length === 0) return null
  return html`<ul class="plain">
    ${left.map(
      ({ id, title }) => html`<li><a href="charts/${encodeURIComponent(id)}.svg">${title}</a></li>`,
    )}
  </ul>`
}

/** Characters of charts in a page: a default run with its tables stays under 0.3 MB. */
const MOST = 150_000

/** What a page needs first; charts of single trials are files beside it. */
const FIRST: readonly Chart['about'][] = ['factor', 'answer', 'decision', 'arms']

/** The charts that a page has room for. */
function fitting(charts: readonly Chart[]): Chart[] {
  let used = 0
  const inOrder = FIRST.flatMap((about) => charts.filter((chart) => chart.about === about))
  return inOrder.filter(({ wide, narrow }) => {
    used += wide.length + narrow.length
    return used <= MOST
  })
}
