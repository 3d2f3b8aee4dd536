import type { Run } from '../measurement/run.ts'
import type { Studied } from '../measurement/study.ts'
import type { Chart } from './charts/theme.ts'

/** What a cell says beyond its text: shown as colour where there is any, always as a word or mark too. */
export type Tone = 'good' | 'bad' | 'muted' | 'strong'

export type Cell = Readonly<{
  text: string
  tone?: Tone
}>

export type Column = Readonly<{
  head: string
  /** Unit under the head. */
  unit?: string
  /** Prose wraps and reads from the left; figures line up on the right. */
  kind: 'figure' | 'name' | 'prose'
}>

/** A table before it has a form: the terminal, Markdown and HTML each give it theirs. */
export type Sheet = Readonly<{
  title: string
  /** Where it was measured, and what each mark means. */
  notes: readonly string[]
  /** How many of the first columns name a row, and are repeated where a table turns into two; absent: one. */
  keys?: number
  columns: readonly Column[]
  rows: readonly (readonly Cell[])[]
}>

/** What a report is written as. */
export type Form = 'terminal' | 'markdown' | 'page'

/** A piece of a section. Nothing in it, and it is left out. */
export type Block =
  | Readonly<{ tables: readonly Sheet[] }>
  /** Sentences that stand nowhere else. */
  | Readonly<{ remarks: readonly string[] }>
  /** The charts about this. Markdown has all of them in one place, with those about arms. */
  | Readonly<{ charts: Chart['about'] }>
  | Readonly<{ command: string }>

/** A part of a report before it has a form. */
export type Section = Readonly<{
  /** Its anchor in a page. */
  id: string
  /** Its name where sections are listed. */
  short: string
  /** Its heading in a page; absent: the title of its first table. */
  title?: string
  /** The forms that have it; absent: each. */
  forms?: readonly Form[]
  /** Its anchor and its name are those of the study. */
  ofStudy?: true
  /** The terminal shows it without --verbose too. */
  brief?: true
  /** A page has it folded, and does not print it. */
  detail?: true
  /** What it says, in the order of a page; Markdown puts tables first. */
  blocks: (run: Studied<Run>, form: Form) => readonly Block[]
}>

export const cell = (text: string, tone?: Tone): Cell => (tone ? { text, tone } : { text })

/** As the first words of a title. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Shown where there is no figure. */
export const NONE = '–'

type Maybe = number | null | undefined

function shown(value: Maybe, format: (value: number) => string): string {
  return typeof value === 'number' && Number.isFinite(value) ? format(value) : NONE
}

const fixed = (digits: number) => (value: number) => value.toFixed(digits)

/** Three digits or more, and never more than the instrument resolves: 0.45, 4.2, 103.7, 1204. */
export function ms(value: Maybe): string {
  return shown(value, (v) => v.toFixed(v < 1 ? 2 : v < 1000 ? 1 : 0))
}

/** Requests or users, which may be interpolated: 78.3, 1850. */
export function amount(value: Maybe): string {
  return shown(value, (v) => v.toFixed(v < 100 && !Number.isInteger(v) ? 1 : 0))
}

export const cores = (value: Maybe): string => shown(value, fixed(2))
export const us = (value: Maybe): string => shown(value, fixed(0))
export const perRequest = (value: Maybe): string => shown(value, (v) => v.toFixed(v < 0.1 ? 3 : 2))
export const times = (ratio: Maybe): string => shown(ratio, (v) => v.toFixed(v < 10 ? 2 : 1))
/** A ratio near 1, whose interval must not be rounded onto 1: 0.987, 12.3. */
export const ratio = (value: Maybe): string => shown(value, (v) => v.toFixed(v < 10 ? 3 : 1))
/** `low–high` with the form of the figure that it belongs to; an open end is said as such. */
export function range(
  interval: { readonly low: number | null; readonly high: number | null } | null,
  format: (value: Maybe) => string,
): string {
  if (interval === null) return NONE
  const { low, high } = interval
  return `${low === null ? 'open' : format(low)}–${high === null ? 'open' : format(high)}`
}
