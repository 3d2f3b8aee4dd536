import { DARK_PAPER, darkInk } from './dark-ink.ts'
import type { Size } from './drawing.ts'

/** A chart as drawn for a page and for a phone. */
export interface Chart {
  /** Also its file name, with `.svg`. */
  readonly id: string
  readonly title: string
  /** What it shows, for those who cannot see it. */
  readonly alt: string
  /** How to read it, under the chart. */
  readonly caption: string
  readonly wide: string
  readonly narrow: string
}

export const WIDE: Size = { width: 760, height: 400 }
export const NARROW: Size = { width: 360, height: 340 }

/** A file of its own: the wide drawing on its own paper, light or dark as the reader's system is. */
export function svgFile({ wide, title, alt }: Chart): string {
  const dark = `svg{background:${DARK_PAPER}}${darkInk('svg')}`
  const style = `<style>svg{background:#fff}@media (prefers-color-scheme:dark){${dark}}</style>`
  const words = `<title>${escaped(title)}</title><desc>${escaped(alt)}</desc>`
  return `${wide.replace('>', ` role="img">${words}${style}`)}\n`
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}
