import CliTable3 from 'cli-table3'
import type { Cell, Column, Sheet } from '../sheet.ts'
import { glyphs } from './glyphs.ts'
import { paint } from './paint.ts'
import type { Screen } from './screen.ts'

const NO_BORDERS = Object.fromEntries(
  [
    'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right',
    'left left-mid mid mid-mid right right-mid middle',
  ].flatMap((names) => names.split(' ').map((name) => [name, ''])),
)

/** A sheet with rules above, under the head and below; its title and notes stand over it. */
export function table(sheet: Sheet, screen: Screen): string {
  const show = (text: string) => glyphs(text, screen.unicode)
  const notes = sheet.notes.map((note) =>
    paint(fold(show(note), screen.columns), 'muted', screen.colour),
  )
  const title = paint(fold(show(sheet.title), screen.columns), 'strong', screen.colour)
  if (sheet.rows.length === 0) return [title, ...notes].join('\n')
  const gap = [3, 2, 1].find((wide) => figuresWidth(sheet, wide) <= screen.columns) ?? 1
  const lines = draw(sheet, screen, gap)
    .split('\n')
    .map((line) => line.trimEnd())
  const headHeight = sheet.columns.some(({ unit }) => unit) ? 2 : 1
  const rule = show('─').repeat(Math.min(screen.columns, ruleWidth(lines)))
  const [head, body] = [lines.slice(0, headHeight), lines.slice(headHeight)]
  return [title, ...notes, rule, ...head, rule, ...body, rule].join('\n')
}

function draw(sheet: Sheet, screen: Screen, gap: number): string {
  const { columns, colour, unicode } = screen
  const prose = sheet.columns.filter(({ kind }) => kind === 'prose').length
  const room = prose && Math.floor((columns - figuresWidth(sheet, gap)) / prose)
  const drawn = new CliTable3({
    chars: NO_BORDERS,
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [] },
    wordWrap: true,
    colAligns: sheet.columns.map(({ kind }) => (kind === 'figure' ? 'right' : 'left')),
    colWidths: sheet.columns.map((column, at) =>
      column.kind === 'prose' ? Math.max(12, room) : width(sheet, at) + gap,
    ),
  })
  const units = sheet.columns.some(({ unit }) => unit)
  drawn.push(sheet.columns.map((column) => heading(column, units, screen)))
  for (const row of sheet.rows)
    drawn.push(row.map(({ text, tone }) => paint(glyphs(text, unicode), tone, colour)))
  return drawn.toString()
}

function heading(
  { head: name, unit = '' }: Column,
  units: boolean,
  { unicode, colour }: Screen,
): string {
  const first = paint(glyphs(name, unicode), 'strong', colour)
  return units ? `${first}\n${paint(glyphs(unit, unicode), 'muted', colour) || ' '}` : first
}

/** Width of the columns that do not wrap; ASCII spells some symbols out, so the wider form counts. */
function figuresWidth(sheet: Sheet, gap: number): number {
  return sheet.columns.reduce(
    (sum, column, at) => sum + (column.kind === 'prose' ? 0 : width(sheet, at) + gap),
    0,
  )
}

function width(sheet: Sheet, at: number): number {
  const column = sheet.columns[at]
  const texts = [
    column?.head,
    column?.unit,
    ...sheet.rows.map((row: readonly Cell[]) => row[at]?.text),
  ]
  return Math.max(...texts.map((text) => glyphs(text ?? '', false).length))
}

function ruleWidth(lines: readonly string[]): number {
  // eslint-disable-next-line no-control-regex
  return Math.max(...lines.map((line) => line.replace(/\u001b\[\d+m/g, '').length))
}

/** Breaks a line of prose at spaces so that it fits. */
export function fold(text: string, columns: number): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last && last.length + 1 + word.length > columns) lines.push(word)
    else lines[lines.length - 1] = last ? `${last} ${word}` : word
  }
  return lines.join('\n')
}
