import { equalThroughput } from '../../analysis/equal-throughput.ts'
import type { Run } from '../../measurement/run.ts'
import { PARTS } from '../../measurement/stage.ts'
import { amount, us } from '../sheet.ts'
import { draw } from './drawing.ts'
import {
  type Chart,
  FONT_SIZE,
  frame,
  INK,
  linearAxis,
  NARROW,
  PART_COLOURS,
  WIDE,
  type Size,
} from './theme.ts'

type Bar = {
  readonly arm: string
  readonly parts: readonly (number | null)[]
  readonly total: number
}

/** CPU microseconds for each request, stacked by part. */
export function costChart(run: Run): Chart {
  const { perS, arms } = equalThroughput(run)
  const bars = arms.flatMap(({ arm, known, at }): Bar[] => {
    if (!known) return []
    const parts = PARTS.map((part) => at(({ cpu }) => cpu[part]?.usPerRequest))
    return [{ arm, parts, total: parts.reduce((sum: number, part) => sum + (part ?? 0), 0) }]
  })
  const sentences = bars.map(({ arm, parts }) => {
    const each = PARTS.map((part, at) => `${part} ${us(parts[at])}`).join(', ')
    return `${arm}: ${each}`
  })
  const left = arms.filter(({ known }) => !known).map(({ arm }) => arm)
  const without =
    left.length === 0 ? '' : `; ${left.join(', ')} was not held at that below saturation`
  const load =
    perS === null ? 'no arm was held below saturation' : `at ${amount(perS)} requests/s${without}`
  const height = 100 + 44 * bars.length
  return {
    id: 'cost',
    about: 'arms',
    title: 'CPU for each request, by part',
    alt: `CPU microseconds for each request, ${load}. ${sentences.join('; ')}.`,
    caption: `Mean CPU time of each part for one request, ${load}; the figure at the end is the sum.`,
    wide: drawn(bars, { width: WIDE.width, height }),
    narrow: drawn(bars, { width: NARROW.width, height }),
  }
}

function drawn(bars: readonly Bar[], size: Size): string {
  const label = { color: INK.text, fontSize: FONT_SIZE }
  const longest = Math.max(...bars.map(({ arm }) => arm.length))
  const left = Math.min(16 + 7 * longest, size.width * 0.45)
  return draw(
    {
      ...frame(size, PARTS),
      grid: { left, right: 56, top: 40, bottom: 48 },
      xAxis: linearAxis('CPU µs a request', true, { splitNumber: size.width < 500 ? 3 : 7 }),
      yAxis: {
        type: 'category',
        inverse: true,
        data: bars.map(({ arm }) => arm),
        axisLine: { lineStyle: { color: INK.line } },
        axisTick: { show: false },
        axisLabel: { ...label, width: left - 10, overflow: 'truncate' },
      },
      series: PARTS.map((part, at) => ({
        type: 'bar',
        name: part,
        stack: 'cost',
        barWidth: 22,
        silent: true,
        itemStyle: { color: PART_COLOURS[part] },
        data: bars.map(({ parts }) => parts[at] ?? 0),
        label: {
          show: at === PARTS.length - 1,
          position: 'right',
          formatter: ({ dataIndex }: { dataIndex: number }) => us(bars[dataIndex]?.total),
          ...label,
        },
      })),
    },
    size,
  )
}
