import { errorBars, type Bar } from './error-bars.ts'
import type { ArmLook } from './palette.ts'

export interface ArmPoint {
  readonly x: number
  readonly y: number
  readonly bar: { readonly low: number; readonly high: number } | null
}

/** An arm's line with its markers, and its intervals as bars. */
export function armSeries(arm: string, look: ArmLook, points: readonly ArmPoint[]): object[] {
  const bars = points.flatMap(({ x, bar }): Bar[] => (bar ? [[x, bar.low, bar.high]] : []))
  return [
    {
      type: 'line',
      name: arm,
      data: points.map(({ x, y }) => [x, y]),
      symbol: look.symbol,
      symbolSize: look.size,
      showAllSymbol: true,
      itemStyle: { color: look.colour },
      lineStyle: { color: look.colour, width: 2, type: look.dash },
      silent: true,
      z: 3,
    },
    errorBars(bars, look.colour),
  ]
}
