import { FONT_SIZE } from './axis.ts'
import type { Size } from './drawing.ts'
import { INK } from './palette.ts'

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif'

/** What every chart has: a legend above, room for the axes, no animation. */
export function frame({ width }: Size, legend: readonly string[]): object {
  return {
    textStyle: { fontFamily: FONT.replaceAll('"', "'"), color: INK.text },
    legend: {
      top: 0,
      left: 0,
      width,
      itemWidth: 24,
      itemGap: 14,
      data: [...legend],
      selectedMode: false,
      textStyle: { color: INK.text, fontSize: FONT_SIZE },
    },
    grid: { left: 52, right: 20, top: 64, bottom: 48 },
  }
}
