import type { Cell, Sheet } from '../sheet.ts'
import { prose } from './prose.ts'

/** A sheet as a table of GitHub Flavored Markdown (spec 0.29, section 4.10). */
export function table({ title, notes, columns, rows }: Sheet): string {
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
