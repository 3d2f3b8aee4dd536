import { printable } from '../../foreign/printable.ts'
import type { Run } from '../../measurement/run.ts'
import { armLooks, type Chart } from '../charts/theme.ts'
import { amount, type Cell, type Column, range, type Sheet } from '../sheet.ts'

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

/** Each arm's answer at a glance: its users at the threshold, their interval, its ceiling. */
export function tiles(run: Run): Markup | null {
  const looks = armLooks(run)
  if (run.crossings.length === 0) return null
  const { thresholdMs } = run.configuration
  return html`<ul class="tiles">
    ${run.crossings.map(({ arm, state, users, interval, bracket, ceilingPerS }) => {
      const seen = state === 'between' ? `between ${range(bracket, amount)}` : state
      const answer = users === null ? seen.replaceAll('-', ' ') : `${amount(users)} users`
      const reach = interval
        ? html`95 % interval of the mean <span class="whole">${range(interval, amount)}</span>`
        : 'provisional: no interval'
      return html`<li>
        ${swatch(looks.get(arm)?.colour)}<span class="arm">${arm}</span>
        <span class="big">${answer}</span>
        <span class="small">at ${thresholdMs} ms; ${users === null ? 'no estimate' : reach}</span>
        <span class="small">at most ${amount(ceilingPerS)} requests/s</span>
      </li>`
    })}
  </ul>`
}

/** The arm's colour as a drawing: a chart's rules for the dark page hold for it too. */
function swatch(colour = '#8c959f'): Markup {
  const bar = `<rect width="10" height="4" fill="${colour}"/>`
  const svg = `<svg viewBox="0 0 10 4" preserveAspectRatio="none" aria-hidden="true">${bar}</svg>`
  return html`<span class="chart swatch">${trusted(svg)}</span>`
}

/** A sheet as a table with a caption; wide ones scroll in their own box, prose ones stack on a phone. */
export function table(
  { title, notes, columns, rows }: Sheet,
  place: 'titled' | 'under-its-heading' = 'titled',
): Markup {
  const said = html`<span class="title ${place}">${title}</span>
    <span class="notes">${notes.join('; ')}</span>`
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
              ${row.map((cell, at) => body(cell, columns[at], at))}
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

function body({ text, tone }: Cell, column: Column | undefined, at: number): Markup {
  const kind = `${column?.kind ?? 'name'}${tone ? ` ${tone}` : ''}`
  const label = column?.head ?? ''
  return at === 0
    ? html`<th scope="row" class="${kind}" data-label="${label}">${text}</th>`
    : html`<td class="${kind}" data-label="${label}">${text}</td>`
}
