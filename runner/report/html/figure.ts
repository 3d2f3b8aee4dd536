import type { Chart } from '../charts/chart.ts'
import { html, trusted, type Markup } from './markup.ts'

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
