import { printable } from '../../foreign/printable.ts'
import type { Chart } from '../charts/theme.ts'
import type { Cell, Column, Sheet } from '../sheet.ts'

/** HTML that may stand in a page as it is. Made by `html` and `trusted` alone. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** A part of a template: nothing, a piece of it, or pieces in order. */
export type Value = Markup | string | number | null | readonly Value[]

/**
 * A template whose values are escaped unless they are markup already; arrays are joined, null is nothing.
 * Good for text and for attributes in double quotes, and for nothing else: put no value in a script, a
 * style or an address.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(
    strings
      .map((part, at) => part + (at < values.length ? shown(values[at] ?? null) : ''))
      .join(''),
  )
}

/** Markup of our own making, such as a chart. Never text from outside. */
export function trusted(text: string): Markup {
  return new Markup(text)
}

function shown(value: Value): string {
  if (value === null) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'string') return escaped(value)
  if (typeof value === 'number') return String(value)
  return value.map(shown).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

/** A chart with its caption. Of its two drawings the style sheet shows the one that fits the page. */
export function figure({ id, title, alt, caption, wide, narrow }: Chart): Markup {
  return html`<figure id="${id}">
    <h3>${title}</h3>
    ${drawing('wide', alt, wide)} ${drawing('narrow', alt, narrow)}
    <figcaption>${caption}</figcaption>
  </figure>`
}

function drawing(size: 'wide' | 'narrow', alt: string, svg: string): Markup {
  return html`<div class="chart ${size}" role="img" aria-label="${alt}">
    ${trusted(svg.replace('<svg ', '<svg aria-hidden="true" focusable="false" '))}
  </div>`
}

/** Sentences as a list; nothing without any. */
export function list(sentences: readonly string[]): Markup | null {
  if (sentences.length === 0) return null
  return html`<ul class="plain">
    ${sentences.map((text) => html`<li>${text}</li>`)}
  </ul>`
}

/** A sheet as a table with a caption; wide ones scroll in their own box, prose ones stack on a phone. */
export function table(
  { title, notes, columns, rows }: Sheet,
  place: 'titled' | 'under-its-heading' = 'titled',
): Markup {
  const said = html`<span class="title ${place}">${title}</span>
    ${notes.length === 0 ? '' : html`<span class="notes">${withCode(notes.join('; '))}</span>`}`
  if (rows.length === 0) return html`<p class="empty">${said}</p>`
  const prose = columns.some(({ kind }) => kind === 'prose')
  return html`<div
    class="${prose ? 'stack' : 'scroll'}"
    role="region"
    aria-label="${title}"
    tabindex="0"
  >
    <table>
      <caption>
        ${said}
      </caption>
      <thead>
        <tr>
          ${columns.map(head)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html` <tr>
              ${row.map((cell, at) => body(cell, columns[at], { at, stacks: prose }))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function head({ head: name, unit, kind }: Column): Markup {
  // A line break in the markup would be one in the cell: figures and prose keep theirs.
  const small = unit ? html`<span class="unit"> ${unit}</span>` : null
  return html`<th scope="col" class="${kind}">${name}${small}</th>`
}

/** @param stacks is it under its head's name on a phone? */
function body(
  { text, tone }: Cell,
  column: Column | undefined,
  { at, stacks }: Readonly<{ at: number; stacks: boolean }>,
): Markup {
  const kind = `${column?.kind ?? 'name'}${tone ? ` ${tone}` : ''}`
  const label = stacks ? html` data-label="${column?.head ?? ''}"` : null
  return at === 0
    ? html`<th scope="row" class="${kind}" ${label}>${text}</th>`
    : html`<td class="${kind}" ${label}>${text}</td>`
}

/** What stands between backticks, as a terminal has it, is code. */
export const withCode = (text: string): Value[] =>
  text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))
