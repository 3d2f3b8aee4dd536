import { FONT, FONT_SIZE } from './font.ts'
import type { Size } from './drawing.ts'
import { INK } from './palette.ts'

/** px. Sign, gaps, and a letter of a legend entry, which ECharts can only estimate without a browser. */
const [SIGN, LETTER, LINE] = [46, 7, 27]

/** px from the top to the plot: under the legend, however many lines it takes, and the axis' name. */
export function plotTop({ width }: Size, legend: readonly string[]): number {
  let [lines, used] = [1, 0]
  for (const name of legend) {
    const entry = SIGN + LETTER * name.length
    if (used > 0 && used + entry > width) {
      lines += 1
      used = 0
    }
    used += entry
  }
  return 30 + lines * LINE
}

/** The size that leaves the plot its height under a legend of more than one line. */
export function underLegend(size: Size, legend: readonly string[]): Size {
  return { ...size, height: size.height + plotTop(size, legend) - plotTop(size, []) }
}

/** What every chart has: a legend above, room for the axes, no animation. */
export function frame(size: Size, legend: readonly string[], icon?: string): object {
  return {
    textStyle: { fontFamily: FONT, color: INK.text },
    legend: {
      top: 0,
      left: 0,
      width: size.width,
      itemWidth: icon ? 16 : 24,
      itemHeight: icon ? 8 : 12,
      itemGap: 14,
      data: legend.map((name) => (icon ? { name, icon } : { name })),
      selectedMode: false,
      textStyle: { color: INK.text, fontSize: FONT_SIZE },
    },
    grid: { left: 52, right: 20, top: plotTop(size, legend), bottom: 48 },
  }
}
