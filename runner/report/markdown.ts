import { printableLine } from '../foreign/printable.ts'
import type { Run } from '../measurement/run.ts'
import type { Studied } from '../measurement/study.ts'
import type { Chart } from './charts/theme.ts'
import { answerText } from './answer.ts'
import { sectionsOf } from './sections.ts'
import type { Block, Cell, Sheet } from './sheet.ts'

type Shown = Pick<Chart, 'id' | 'title' | 'alt' | 'caption'>

/** report.md: the charts as images beside it, all where those about the arms stand. */
export function markdownReport(run: Studied<Run>, charts: readonly Shown[] = []): string {
  const sections = sectionsOf(run, 'markdown').flatMap(({ short, blocks }) => {
    const bare = blocks.every((block) => !('tables' in block || 'charts' in block))
    const tablesFirst = blocks.toSorted((a, b) => Number('tables' in b) - Number('tables' in a))
    const said = tablesFirst.flatMap((block) => written(block, charts))
    return bare ? [`### ${short}`, ...said] : said
  })
  const parts = [
    `# samehost: ${prose(run.configuration.profile)}, ${prose(run.startedAt)}`,
    `**${prose(answerText(run))}**`,
    ...sections,
  ]
  return `${parts.join('\n\n')}\n`
}

function written(block: Block, charts: readonly Shown[]): string[] {
  if ('tables' in block) return block.tables.map(table)
  if ('charts' in block) return block.charts === 'arms' ? charts.map(image) : []
  if ('command' in block)
    return [`\`\`\`sh\n${printableLine(block.command).replaceAll('`', '')}\n\`\`\``]
  return [block.remarks.map((text) => `- ${prose(text)}`).join('\n')]
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
    ...(notes.length === 0 ? [] : [`*${notes.map(prose).join('; ')}*`]),
    ...(rows.length === 0 ? [] : [lines.map((line) => `| ${line.join(' | ')} |`).join('\n')]),
  ].join('\n\n')
}

function content({ text, tone }: Cell): string {
  const shown = text.split('\n').map(prose).join('<br>')
  return (tone === 'strong' || tone === 'bad') && shown !== '' ? `**${shown}**` : shown
}
