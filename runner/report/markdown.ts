import { againCommand } from '../plan/options.ts'
import { decisionTexts } from '../analysis/factors/decisions.ts'
import { factorText, factorViews } from '../analysis/factors/levels.ts'
import { armNames } from '../analysis/levels.ts'
import { printableLine } from '../foreign/printable.ts'
import type { Run } from '../measurement/run.ts'
import type { Chart } from './charts/theme.ts'
import { headline, method, remarks } from './headline.ts'
import type { Cell, Sheet } from './sheet.ts'
import { armSheet } from './tables/arm.ts'
import { claimsSheet } from './tables/claims.ts'
import { articleFiguresSheet, articleJudged } from './tables/article-figures.ts'
import { busyCostSheet, costSheet } from './tables/cost.ts'
import { crossingsSheet } from './tables/crossings.ts'
import { environmentSheet } from './tables/environment.ts'
import { factorsSheet, levelSheets } from './tables/factors.ts'
import { sideBySideSheet } from './tables/side-by-side.ts'
import { validitySheet } from './tables/validity.ts'

type Shown = Pick<Chart, 'id' | 'title' | 'alt' | 'caption'>

/** report.md: the same sections as every form of the report, the charts as images beside it. */
export function markdownReport(run: Run, charts: readonly Shown[] = []): string {
  const said = remarks(run)
  const factors = factorsSheet(run)
  const views = factorViews(run)
  const sections = [
    `# samehost: ${prose(run.configuration.profile)}, ${prose(run.startedAt)}`,
    `**${prose(headline(run))}**`,
    ...(run.claims.length > 0 ? [table(claimsSheet(run))] : []),
    ...(articleJudged(run) ? [table(articleFiguresSheet(run))] : []),
    ...(run.crossings.length > 0
      ? [table(crossingsSheet(run)), run.crossings.map(({ text }) => `- ${prose(text)}`).join('\n')]
      : []),
    ...levelSheets(run).map(table),
    ...(views.length > 0 ? [views.map((view) => `- ${prose(factorText(view))}`).join('\n')] : []),
    ...(factors
      ? [
          table(factors),
          decisionTexts(run)
            .map((text) => `- ${prose(text)}`)
            .join('\n'),
        ]
      : []),
    ...charts.map(image),
    table(sideBySideSheet(run)),
    ...armNames(run).map((arm) => table(armSheet(run, arm))),
    table(costSheet(run)),
    table(busyCostSheet(run)),
    table(validitySheet(run)),
    ...(said.length > 0 ? [said.map((text) => `- ${prose(text)}`).join('\n')] : []),
    table(environmentSheet(run)),
    '### Method',
    method(run.configuration)
      .map((text) => `- ${prose(text)}`)
      .join('\n'),
    '### Again',
    `\`\`\`sh\n${printableLine(againCommand(run)).replaceAll('`', '')}\n\`\`\``,
  ]
  return `${sections.join('\n\n')}\n`
}

function image({ id, title, alt, caption }: Shown): string {
  return `### ${prose(title)}\n\n![${prose(alt)}](charts/${encodeURIComponent(id)}.svg)\n\n${prose(caption)}`
}

/** Plain text with nothing in it that Markdown or HTML would act on, on one line. */
function prose(text: string): string {
  return printableLine(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]{}|#~!]/g, (character) => `\\${character}`)
}

/** A sheet as a table of GitHub Flavored Markdown (spec 0.29, section 4.10). */
function table({ title, notes, columns, rows }: Sheet): string {
  const head = columns.map(({ head: name, unit }) => prose(unit ? `${name} (${unit})` : name))
  const rule = columns.map(({ kind }) => (kind === 'figure' ? '---:' : '---'))
  const lines = [head, rule, ...rows.map((row) => row.map(content))]
  return [
    `### ${prose(title)}`,
    `*${notes.map(prose).join('; ')}*`,
    ...(rows.length === 0 ? [] : [lines.map((line) => `| ${line.join(' | ')} |`).join('\n')]),
  ].join('\n\n')
}

function content({ text, tone }: Cell): string {
  const shown = text.split('\n').map(prose).join('<br>')
  return (tone === 'strong' || tone === 'bad') && shown !== '' ? `**${shown}**` : shown
}
