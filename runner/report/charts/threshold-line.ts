import { FONT_SIZE } from './font.ts'
import { INK } from './palette.ts'

/** A dashed line across the chart, with its value at the left end. */
export function thresholdLine(
  y: number,
  text: string,
  axis: object = {},
  position = 'insideStartTop',
): object {
  return {
    type: 'line',
    ...axis,
    data: [],
    silent: true,
    markLine: {
      silent: true,
      symbol: 'none',
      lineStyle: { color: INK.text, width: 1, type: [6, 4] },
      label: {
        position,
        formatter: text,
        color: INK.text,
        fontSize: FONT_SIZE,
      },
      data: [{ yAxis: y }],
    },
  }
}
