import { styleText } from 'node:util'
import CliTable3 from 'cli-table3'
import { decisionTexts } from '../analysis/factors/decisions.ts'
import { armNames } from '../analysis/levels.ts'
import { printable } from '../foreign/printable.ts'
import type { Run } from '../measurement/run.ts'
import { headline, remarks } from './headline.ts'
import type { Cell, Column, Sheet, Tone } from './sheet.ts'
import { armSheet } from './tables/arm.ts'
import { articleFiguresSheet, articleJudged } from './tables/article-figures.ts'
import { narrowClaimsSheet } from './tables/claims.ts'
import { busyCostSheet, costSheet } from './tables/cost.ts'
import { crossingsSheet } from './tables/crossings.ts'
import { endpointsSheet } from './tables/endpoints.ts'
import { factorsSheet, levelSheets } from './tables/factors.ts'
import { sideBySideSheet } from './tables/side-by-side.ts'
import { validitySheet } from './tables/validity.ts'

export type TerminalOptions = Screen &
  Readonly<{
    /** Also a table of each arm by endpoint. */
    verbose?: boolean
  }>

/** The whole report as text: verdict, crossing, ramp, cost per request, validity. */
export function terminalReport(run: Run, options: TerminalOptions): string {
  const arms = armNames(run)
  const factors = factorsSheet(run)
  const sheets = [
    ...(run.claims.length > 0 ? [narrowClaimsSheet(run)] : []),
    ...(articleJudged(run) ? [articleFiguresSheet(run)] : []),
    ...(run.crossings.length > 0 ? [crossingsSheet(run)] : []),
    ...levelSheets(run),
    ...(factors ? [factors] : []),
    sideBySideSheet(run),
    ...arms.map((arm) => armSheet(run, arm)),
    ...(options.verbose ? arms.map((arm) => endpointsSheet(run, arm)) : []),
    costSheet(run),
    busyCostSheet(run),
    validitySheet(run),
  ]
  const say = (text: string) => fold(glyphs(text, options.unicode), options.columns)
  const parts = [
    paint(say(headline(run)), 'strong', options.colour),
    say(decisionTexts(run)[0] ?? ''),
    ...sheets.map((sheet) => table(sheet, options)),
    ...remarks(run).map((text) => paint(say(text), 'muted', options.colour)),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

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
  const gap = [3, 2, 1].find((wide) => leastWidth(sheet, wide) <= screen.columns)
  if (gap === undefined) {
    const rule = show('─').repeat(screen.columns)
    return [title, ...notes, rule, ...upright(sheet, screen), rule].join('\n')
  }
  const lines = draw(sheet, screen, gap)
    .split('\n')
    .map((line) => line.trimEnd())
  const headHeight = sheet.columns.some(({ unit }) => unit) ? 2 : 1
  const rule = show('─').repeat(Math.min(screen.columns, ruleWidth(lines)))
  const [head, body] = [lines.slice(0, headHeight), lines.slice(headHeight)]
  return [title, ...notes, rule, ...head, rule, ...body, rule].join('\n')
}

/** Where the columns do not fit beside each other: each row as a list of its cells, under their heads. */
function upright({ columns, rows }: Sheet, screen: Screen): string[] {
  const heads = columns.map(({ head, unit }) =>
    glyphs(unit ? `${head}, ${unit}` : head, screen.unicode),
  )
  const room = Math.floor(screen.columns / 2)
  const indent = Math.min(room, Math.max(...heads.map(({ length }) => length)) + 4)
  return rows.flatMap((row, nth) => {
    const cells = row.flatMap(({ text, tone }, at) => {
      const lines = fold(glyphs(text, screen.unicode), screen.columns - (at === 0 ? 0 : indent))
      if (text === '') return []
      const shown = lines.split('\n').map((line) => paint(line, tone, screen.colour))
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

/** With which every column of figures and names is whole and prose has something to wrap in. */
function leastWidth(sheet: Sheet, gap: number): number {
  const prose = sheet.columns.filter(({ kind }) => kind === 'prose').length
  return figuresWidth(sheet, gap) + prose * LEAST_PROSE
}

const LEAST_PROSE = 12

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
      column.kind === 'prose' ? Math.max(LEAST_PROSE, room) : width(sheet, at) + gap,
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
  // oxlint-disable-next-line no-control-regex
  return Math.max(...lines.map((line) => line.replace(/\u001b\[\d+m/g, '').length))
}

/** Breaks a line of prose at spaces so that it fits, and a word that is too long for a line anywhere. */
function fold(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => foldLine(line, Math.max(1, columns)))
    .join('\n')
}

function foldLine(text: string, columns: number): string {
  const lines = ['']
  const words = text
    .split(' ')
    .flatMap((word) =>
      word === '' ? [''] : (word.match(new RegExp(`.{1,${columns}}`, 'gsu')) ?? []),
    )
  for (const word of words) {
    const last = lines.at(-1) ?? ''
    if (last && last.length + 1 + word.length > columns) lines.push(word)
    else lines[lines.length - 1] = last ? `${last} ${word}` : word
  }
  return lines.join('\n')
}

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
  return styleText(STYLES[tone], text, { validateStream: false })
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
