import { styleText } from 'node:util'
import CliTable3 from 'cli-table3'
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import { printable } from '../foreign/printable.ts'
import type { Run } from '../measurement/run.ts'
import type { Studied } from '../measurement/study.ts'
import { answerText } from './answer.ts'
import { probeAnswer } from './probe.ts'
import { sectionsOf } from './sections.ts'
import type { Column, Sheet, Tone } from './sheet.ts'

export type TerminalOptions = Screen &
  Readonly<{
    /** All sections, and not those alone that every reader needs. */
    verbose?: boolean
  }>

/** The report as text: the answer, then its tables, with what stands in none. */
export function terminalReport(run: Studied<Run>, options: TerminalOptions): string {
  const say = (text: string, tone?: Tone) => said(text, tone, options)
  const blocks = sectionsOf(run, 'terminal')
    .filter(({ brief }) => options.verbose || brief)
    .flatMap((section) => section.blocks)
  const parts = [
    say(answerText(run), 'strong'),
    ...blocks.flatMap((block) => {
      if ('tables' in block) return block.tables.map((sheet) => table(sheet, options))
      return 'remarks' in block ? block.remarks.map((text) => say(text, 'muted')) : []
    }),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** The short answer of a probe as text. */
export function probeText(run: Studied<Run>, screen: Screen): string {
  const { sentences, sheets } = probeAnswer(run)
  const parts = [
    ...sheets.map((sheet) => table(sheet, screen)),
    ...sentences.map((text) => said(text, 'strong', screen)),
  ]
  return `${parts.join('\n\n')}\n`
}

const NO_BORDERS = Object.fromEntries(
  [
    'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right',
    'left left-mid mid mid-mid right right-mid middle',
  ].flatMap((names) => names.split(' ').map((name) => [name, ''])),
)

/**
 * A sheet with rules above, under the head and below; its title and notes stand over it. Where the columns do
 * not fit beside each other it becomes two tables or more, each with the columns that name its rows.
 */
export function table(sheet: Sheet, screen: Screen): string {
  const head = [
    said(sheet.title, 'strong', screen),
    ...sheet.notes.map((note) => said(note, 'muted', screen)),
  ]
  if (sheet.rows.length === 0) return head.join('\n')
  const shown = {
    columns: sheet.columns,
    rows: sheet.rows.map((row) =>
      row.map((one) => ({ ...one, text: glyphs(one.text, screen.unicode) })),
    ),
  }
  const { gap, parts } = layout(shown, sheet.keys ?? 1, screen.columns)
  const drawn = parts.map((part) => draw(part, screen, gap))
  const lines = drawn.length === 0 ? upright(shown, screen) : drawn.flat()
  const rule = glyphs('─', screen.unicode).repeat(
    drawn.length === 0 ? screen.columns : Math.min(screen.columns, widest(lines.join('\n'))),
  )
  if (drawn.length === 0) return [...head, rule, ...lines, rule].join('\n')
  const headHeight = sheet.columns.some(({ unit }) => unit) ? 2 : 1
  const ruled = drawn.flatMap((part) => [
    rule,
    ...part.slice(0, headHeight),
    rule,
    ...part.slice(headHeight),
  ])
  return [...head, ...ruled, rule].join('\n')
}

type Grid = Pick<Sheet, 'columns' | 'rows'>

/** Narrower a column of prose is not read. */
const LEAST_PROSE = 12

/**
 * The tables that a sheet becomes, and the gap between their columns: one table with the widest gap that fits,
 * else each with the first `keys` columns and as many of the others as fit. No table where not even one does.
 */
function layout(sheet: Grid, keys: number, room: number): { gap: number; parts: Grid[] } {
  const each = sheet.columns.map(({ kind }, at) =>
    kind === 'prose' ? LEAST_PROSE : columnWidth(sheet, at),
  )
  const needed = (columns: readonly number[], gap: number) =>
    columns.reduce((sum, at) => sum + (each[at] ?? 0) + gap, -gap)
  const all = each.map((_, at) => at)
  const whole = [3, 2, 1].find((gap) => needed(all, gap) <= room)
  if (whole !== undefined) return { gap: whole, parts: [sheet] }
  const [names, others] = [all.slice(0, keys), all.slice(keys)]
  const gap = [2, 1].find((wide) => others.every((at) => needed([...names, at], wide) <= room))
  if (gap === undefined) return { gap: 1, parts: [] }
  const groups: number[][] = [[]]
  for (const at of others) {
    const last = groups.at(-1) ?? []
    if (needed([...names, ...last, at], gap) <= room) last.push(at)
    else groups.push([...sameUnit(sheet, last, at), at])
  }
  return { gap, parts: groups.map((group) => only(sheet, [...names, ...group])) }
}

/** Takes off the end of a group what has the unit of the next column, so that such figures stay together. */
function sameUnit({ columns }: Grid, group: number[], next: number): number[] {
  const unit = columns[next]?.unit
  const kept = group.findLastIndex((at) => columns[at]?.unit !== unit) + 1
  const wouldFit = group.length - kept < kept
  return unit !== undefined && wouldFit ? group.splice(kept) : []
}

function only({ columns, rows }: Grid, kept: readonly number[]): Grid {
  const of = <T>(list: readonly T[]): T[] => list.filter((_, at) => kept.includes(at))
  return { columns: of(columns), rows: rows.map(of) }
}

/** Where not even one column fits beside those that name a row: its cells as a list, under their heads. */
function upright({ columns, rows }: Grid, screen: Screen): string[] {
  const heads = columns.map(({ head, unit }) =>
    glyphs(unit ? `${head}, ${unit}` : head, screen.unicode),
  )
  const room = Math.floor(screen.columns / 2)
  const indent = Math.min(room, Math.max(...heads.map(widest)) + 4)
  return rows.flatMap((row, nth) => {
    const cells = row.flatMap(({ text, tone }, at) => {
      if (text === '') return []
      const lines = fold(text, screen.columns - (at === 0 ? 0 : indent))
      const shown = paint(lines, tone, screen.colour).split('\n')
      if (at === 0) return shown
      const head = fold(heads[at] ?? '', indent - 3).split('\n')
      const height = Math.max(head.length, shown.length)
      return Array.from({ length: height }, (_, line) =>
        `  ${(head[line] ?? '').padEnd(indent - 2)}${shown[line] ?? ''}`.trimEnd(),
      )
    })
    return nth === 0 ? cells : ['', ...cells]
  })
}

/** @returns its lines: the head, its unit where a column has one, then the rows */
function draw(sheet: Grid, screen: Screen, gap: number): string[] {
  const prose = sheet.columns.filter(({ kind }) => kind === 'prose').length
  const taken = sheet.columns.reduce(
    (sum, { kind }, at) => sum + (kind === 'prose' ? 0 : columnWidth(sheet, at) + gap),
    0,
  )
  const room = prose && Math.max(LEAST_PROSE, Math.floor((screen.columns - taken) / prose) - gap)
  const drawn = new CliTable3({
    chars: NO_BORDERS,
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [] },
    colAligns: sheet.columns.map(({ kind }) => (kind === 'figure' ? 'right' : 'left')),
  })
  const units = sheet.columns.some(({ unit }) => unit)
  drawn.push(sheet.columns.map((column) => heading(column, units, screen)))
  for (const row of sheet.rows)
    drawn.push(
      row.map(({ text, tone }, at) => {
        const isProse = sheet.columns[at]?.kind === 'prose'
        return paint(isProse ? fold(text, room) : text, tone, screen.colour)
      }),
    )
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
}

function heading(
  { head: name, unit = '' }: Column,
  units: boolean,
  { unicode, colour }: Screen,
): string {
  const first = paint(glyphs(name, unicode), 'strong', colour)
  return units ? `${first}\n${paint(glyphs(unit, unicode), 'muted', colour) || ' '}` : first
}

function columnWidth({ columns, rows }: Grid, at: number): number {
  const { head = '', unit = '' } = columns[at] ?? {}
  return Math.max(...[head, unit, ...rows.map((row) => row[at]?.text ?? '')].map(widest))
}

/** A sentence over the width of the screen. */
const said = (text: string, tone: Tone | undefined, screen: Screen): string =>
  paint(fold(glyphs(text, screen.unicode), screen.columns), tone, screen.colour)

/** Columns of a terminal that the widest line takes. */
const widest = (text: string): number =>
  Math.max(...text.split('\n').map((line) => stringWidth(line)))

/** Breaks prose at spaces so that it fits, and a word that is too long for a line anywhere. */
const fold = (text: string, columns: number): string =>
  wrapAnsi(text, Math.max(1, columns), { hard: true })

const ASCII: Readonly<Record<string, string>> = {
  '–': '-',
  '—': '-',
  '−': '-',
  '·': '-',
  '×': 'x',
  '▲': '^',
  '✓': '+',
  '✗': 'x',
  µ: 'u',
  μ: 'u',
  σ: 'sigma',
  κ: 'kappa',
  λ: 'lambda',
  '¹': "'",
  '²': '2',
  '≥': '>=',
  '≤': '<=',
  '≈': '~',
  '→': '->',
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '…': '...',
  '─': '-',
  '\u00a0': ' ',
  '\u202f': ' ',
}

/** Text that a terminal shows as it stands: no control characters, ASCII alone where asked for. */
function glyphs(text: string, unicode: boolean): string {
  const safe = printable(text)
  if (unicode) return safe
  return safe.replace(/[^\n -~]/gu, (character) => ASCII[character] ?? '?')
}

const STYLES = { good: 'green', bad: 'red', muted: 'dim', strong: 'bold' } as const

/** The tone as ANSI colour. The environment is not asked: whether there is colour is the caller's word. */
function paint(text: string, tone: Tone | undefined, colour: boolean): string {
  if (!colour || tone === undefined || text === '') return text
  const lines = text.split('\n')
  return lines.map((line) => styleText(STYLES[tone], line, { validateStream: false })).join('\n')
}

/** What the terminal can show; the caller knows, this code does not ask. */
export type Screen = Readonly<{
  /** Width in characters. */
  columns: number
  /** ANSI colour: false for NO_COLOR or where the output is no terminal. */
  colour: boolean
  /** Box characters and symbols beyond ASCII. */
  unicode: boolean
}>
