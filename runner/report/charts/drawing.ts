import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts'
import {
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
} from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { DARK_PAPER, darkInk, FONT, FONT_SIZE } from './theme.ts'

use([BarChart, CustomChart, LineChart, ScatterChart])
use([GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, SVGRenderer])

/** px. */
export interface Size {
  readonly width: number
  readonly height: number
}

/**
 * Draws with Apache ECharts on the server side, without a browser. What ECharts adds for a live page
 * (hover classes, numbered by how many charts the process has drawn, and pointer events) is taken away,
 * so that the same run gives the same bytes.
 *
 * @returns an svg element that scales to its container
 */
export function draw(option: EChartsCoreOption, { width, height }: Size): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption({ animation: false, ...option })
    return plain(chart.renderToSVGString(), width, height)
  } finally {
    chart.dispose()
  }
}

/** The font stands once, at the root, and coordinates to a tenth of a pixel: a page holds many charts. */
function plain(svg: string, width: number, height: number): string {
  const root = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" style="font:${FONT_SIZE}px ${FONT}">`
  return svg
    .replace(/<defs[\s\S]*?<\/defs>/g, '')
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ (?:class|clip-path|pointer-events|xml:space|ecmeta_[a-z_]+)="[^"]*"/g, '')
    .replaceAll(`font-family:${FONT};`, '')
    .replaceAll(`font-size:${FONT_SIZE}px;`, '')
    .replaceAll(' style=""', '')
    .replace(/<svg [^>]*>/, root)
    .replace(/<rect [^>]*fill="none"><\/rect>\n?/, '')
    .replace(/<path d=""[^>]*><\/path>\n?/g, '')
    .replace(/<[^>]+>/g, rounded)
    .replace(/\n\s*/g, '\n')
    .trim()
}

/** A tag's coordinates; what stands between tags are figures for readers. */
function rounded(tag: string): string {
  return tag.replace(/-?\d+\.\d{2,}/g, (number) => String(Math.round(Number(number) * 10) / 10))
}

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
