import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts'
import {
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
} from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { printable } from '../../foreign/printable.ts'
import { FONT, FONT_SIZE, type Size } from './theme.ts'

use([BarChart, CustomChart, LineChart, ScatterChart])
use([GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, SVGRenderer])

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
  // ECharts escapes what XML acts on, and not what XML cannot hold.
  return printable(svg)
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
