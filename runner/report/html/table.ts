import type { Cell, Column, Sheet } from '../sheet.ts'
import { html, type Markup } from './markup.ts'

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
  return html`<th scope="col" class="${kind}">
    ${name}${unit ? html`<span class="unit"> ${unit}</span>` : null}
  </th>`
}

function body({ text, tone }: Cell, column: Column | undefined, at: number): Markup {
  const kind = `${column?.kind ?? 'name'}${tone ? ` ${tone}` : ''}`
  const label = column?.head ?? ''
  return at === 0
    ? html`<th scope="row" class="${kind}" data-label="${label}">${text}</th>`
    : html`<td class="${kind}" data-label="${label}">${text}</td>`
}
