import { FONT_SIZE } from './font.ts'
import { INK } from './palette.ts'

/** Ticks at 1, 2 and 5 of every decade that the range touches; at 1 alone over more than four decades. */
export function logTicks(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))]
  const steps = last - first > 4 ? [1] : [1, 2, 5]
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at))
  return ticks
    .flatMap((decade) => steps.map((step) => Number((decade * step).toPrecision(1))))
    .filter((tick) => tick >= low * 0.999 && tick <= high * 1.001)
}

const LINES = {
  axisLine: { show: true, onZero: false, lineStyle: { color: INK.line } },
  splitLine: { show: true, lineStyle: { color: INK.faint } },
}
const label = {
  color: INK.muted,
  fontSize: FONT_SIZE,
  hideOverlap: true,
  formatter: (value: number) => String(Number(value.toPrecision(6))),
}
const named = (name: string, across: boolean) => ({
  name,
  nameLocation: across ? 'middle' : 'end',
  nameGap: across ? 28 : 12,
  nameTextStyle: { color: INK.muted, fontSize: FONT_SIZE, align: across ? 'center' : 'left' },
})

interface Range {
  readonly low: number
  readonly high: number
}

/**
 * A logarithmic axis with readable ticks. ECharts' own has ticks at powers of ten alone, which leaves
 * 40 to 1,500 users with two: so data are given as logarithms, on an axis that names them back.
 */
export function logAxis(name: string, { low, high }: Range, across: boolean): object {
  const ticks = logTicks(low, high).map(Math.log10)
  return {
    type: 'value',
    ...named(name, across),
    ...LINES,
    min: Math.log10(low),
    max: Math.log10(high),
    axisTick: { show: true, customValues: ticks, lineStyle: { color: INK.line } },
    axisLabel: {
      ...label,
      customValues: ticks,
      formatter: (value: number) => String(Number((10 ** value).toPrecision(3))),
    },
  }
}

/** An axis from 0. */
export function linearAxis(name: string, across: boolean, more: object = {}): object {
  return { type: 'value', ...named(name, across), ...LINES, min: 0, axisLabel: label, ...more }
}

/** Ticks stand up to a factor of 2.5 apart, so this span holds two at least. */
const LEAST_SPAN = 6

/** The range of positive values with a margin on a logarithmic axis. */
export function logRange(values: readonly number[]): Range {
  const seen = values.filter((value) => value > 0)
  if (seen.length === 0) return { low: 1, high: 10 }
  const [low, high] = [Math.min(...seen) / 1.25, Math.max(...seen) * 1.25]
  const widen = Math.sqrt(Math.max(1, (LEAST_SPAN * low) / high))
  return { low: low / widen, high: high * widen }
}
