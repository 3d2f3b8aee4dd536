import { FONT_SIZE, INK } from './theme.ts'

export type StageSpan = Readonly<{
  users: number
  valid: boolean
  fromS: number
  toS: number
}>

/** ms; null where there was no request. */
export type Ladder = Readonly<{
  p50: number | null
  p90: number | null
  p95: number | null
  p99: number | null
  max: number | null
}>
type Api = Readonly<{
  value(dimension: number): number
  coord(point: [number, number]): [number, number]
}>

/** Percentiles as one bar that thins out towards the largest value. */
export function rangeMarks(
  rows: readonly (Ladder & { readonly y: number })[],
  colour: string,
  log: (value: number) => number,
): object {
  const whole = rows.flatMap(({ y, p50, p90, p95, p99, max }) =>
    p50 === null || p90 === null || p95 === null || p99 === null || max === null
      ? []
      : [[log(p50), y, log(p90), log(p95), log(p99), log(max)]],
  )
  const renderItem = (_: unknown, api: Api) => {
    const y = api.value(1)
    const at = (dimension: number) => api.coord([api.value(dimension), y])
    const [[p50, middle], [p90], [p95], [p99], [max]] = [at(0), at(2), at(3), at(4), at(5)]
    const line = (x1: number, x2: number, style: object) => ({
      type: 'line',
      shape: { x1, y1: middle, x2, y2: middle },
      style: { stroke: colour, ...style },
    })
    return {
      type: 'group',
      children: [
        line(p99, max, { lineWidth: 1, lineDash: [2, 3] }),
        line(p90, p99, { lineWidth: 2 }),
        line(p50, p90, { lineWidth: 6, opacity: 0.6 }),
        {
          type: 'line',
          shape: { x1: p95, y1: middle - 5, x2: p95, y2: middle + 5 },
          style: { stroke: colour, lineWidth: 2 },
        },
      ],
    }
  }
  return { type: 'custom', data: whole, silent: true, z: 2, renderItem }
}

const INVALID = '#d1242f'

/** Bands where a stage was measured, named by its users. */
export function stageMarks(
  stages: readonly StageSpan[],
  axes: object,
  { labels, upright }: { readonly labels: boolean; readonly upright: boolean },
): object {
  return {
    type: 'line',
    ...axes,
    data: [],
    silent: true,
    markArea: {
      silent: true,
      label: {
        show: labels,
        position: 'top',
        distance: 3,
        fontSize: 10,
        color: INK.muted,
        ...(upright ? { rotate: 90, align: 'left', verticalAlign: 'middle', distance: 6 } : {}),
      },
      data: stages.map(({ users, valid, fromS, toS }) => [
        {
          name: String(users),
          xAxis: fromS,
          itemStyle: { color: valid ? INK.faint : INVALID, opacity: valid ? 0.45 : 0.15 },
        },
        { xAxis: toS },
      ]),
    },
  }
}

export type Bar = [x: number, low: number, high: number]

type Params = Readonly<{
  coordSys: { readonly y: number; readonly height: number }
}>
/** px to either side. */
const CAP = 4

/** 95 % intervals as vertical bars with caps; one that leaves the plot ends at its edge, without a cap. */
export function errorBars(bars: readonly Bar[], colour: string): object {
  const style = { stroke: colour, lineWidth: 1.5, fill: 'none' }
  const line = (x1: number, y1: number, x2: number, y2: number) => ({
    type: 'line',
    shape: { x1, y1, x2, y2 },
    style,
  })
  const renderItem = ({ coordSys: { y: top, height } }: Params, api: Api) => {
    const [x, low] = api.coord([api.value(0), api.value(1)])
    const [, high] = api.coord([api.value(0), api.value(2)])
    const inside = (y: number) => Math.min(top + height, Math.max(top, y))
    const caps = [low, high].filter((y) => y === inside(y))
    return {
      type: 'group',
      children: [
        line(x, inside(low), x, inside(high)),
        ...caps.map((y) => line(x - CAP, y, x + CAP, y)),
      ],
    }
  }
  return { type: 'custom', data: bars.map((bar) => [...bar]), silent: true, z: 2, renderItem }
}

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
