import { CustomChart, BarChart, LineChart, ScatterChart } from 'echarts/charts'
import {
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
} from 'echarts/components'
import { init, use, type EChartsCoreOption } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

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

function plain(svg: string, width: number, height: number): string {
  return svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ (?:class|pointer-events|ecmeta_[a-z_]+)="[^"]*"/g, '')
    .replace(
      /<svg [^>]*>/,
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">`,
    )
    .replace(/<rect [^>]*fill="none"><\/rect>\n?/, '')
    .replace(/-?\d+\.\d{2,}/g, (number) => String(Math.round(Number(number) * 10) / 10))
    .replace(/\n\s*/g, '\n')
    .trim()
}
