import type { Run } from '../measurement/run.ts'
import type { Chart } from './charts/chart.ts'
import { comparison, tally } from './headline.ts'
import { list } from './html/list.ts'
import { html, trusted, type Markup } from './html/markup.ts'
import { sectionsOf } from './html/sections.ts'
import { STYLE } from './html/style.ts'
import { tiles } from './html/tiles.ts'
import { testbedLine } from './testbed-line.ts'

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

/** `2026-01-02T03:04:05.678Z` as `2026-01-02 03:04 UTC`. */
const instant = (rfc3339: string) => rfc3339.replace(/^(.{10})T(.{5}).*Z$/, '$1 $2 UTC')

function warnings({ warnings: said, state }: Run): Markup | null {
  const all = [
    ...(state === 'partial' ? ['This run is partial: it ended before its plan did.'] : []),
    ...said,
  ]
  return all.length === 0 ? null : html`<div class="warnings" role="note">${list(all)}</div>`
}
