import {
  factorText,
  type FactorLevel,
  type FactorView,
  factorViews,
  type Figure,
} from '../../analysis/factors/levels.ts'
import type { Run } from '../../measurement/run.ts'
import { amount } from '../sheet.ts'
import { draw } from './drawing.ts'
import { type Bar, errorBars } from './marks.ts'
import {
  armLooks,
  type Chart,
  FONT_SIZE,
  frame,
  INK,
  logAxis,
  logRange,
  plotTop,
  type Size,
} from './theme.ts'

type Panel = Readonly<{
  name: string
  figure(level: FactorLevel): Figure | null
}>

const PANELS: readonly Panel[] = [
  { name: 'crossing, users', figure: ({ crossing }) => crossing },
  { name: 'ceiling, requests/s', figure: ({ ceiling }) => ceiling },
  { name: 'p95, ms', figure: ({ p95Ms }) => p95Ms },
  { name: 'app CPU, µs a request', figure: ({ appUs }) => appUs },
  { name: 'database CPU, µs a request', figure: ({ dbUs }) => dbUs },
]
const DASHES = ['solid', 'dashed', 'dotted'] as const
const SYMBOLS = ['circle', 'rect', 'triangle'] as const

/** A chart for each factor that was varied: what was seen against its levels, a line for each arm varied. */
export function factorCharts(run: Run): Chart[] {
  const factors = Map.groupBy(factorViews(run), ({ factor }) => factor)
  return [...factors].map(([factor, views], nth): Chart => {
    const users = views.map((view) => view.users).find((count) => count !== null) ?? null
    const seen = views.flatMap((view) =>
      view.levels.map(
        ({ level, crossing }) => `${view.from} at ${level} ${amount(crossing?.value)} users`,
      ),
    )
    return {
      id: `factor-${nth + 1}`,
      about: 'factor',
      title: `What it costs: ${factor}`,
      alt: `Crossing, ceiling, p95 and CPU a request against ${factor}, each with its interval: ${seen.join(', ')}. ${views.map(factorText).join(' ')}`,
      caption:
        `A point for each level, from the first to the last; a line for each arm that was changed ` +
        `(${views.map(({ from }) => from).join(', ')}). ` +
        (users === null ? '' : `p95 and CPU a request at ${users} users. `) +
        `Bars: 95 % intervals, cut at ${MOST_TIMES} times a point and a tenth of it.`,
      wide: drawn(run, views, 3, 760),
      narrow: drawn(run, views, 1, 360),
    }
  })
}

/** px. What a panel takes beside its labels, and how long a letter is. */
const [PANEL_HEIGHT, LEFT, GAP, LETTER] = [190, 44, 14, 6.2]

function drawn(run: Run, views: readonly FactorView[], columns: number, width: number): string {
  const looks = armLooks(run)
  const names = views.map(({ from }) => from)
  const levels = [...new Set(views.flatMap((view) => view.levels.map(({ level }) => level)))]
  const cell = (width - GAP) / columns
  const longest = Math.max(...levels.map((level) => level.length)) * LETTER
  const isTilted = longest > ((cell - LEFT) / levels.length) * 0.95
  const below = isTilted ? 14 + longest * 0.6 : 24
  const rowHeight = PANEL_HEIGHT + below
  const top = plotTop({ width, height: 0 }, names)
  const shown = PANELS.filter((panel) =>
    views.some((view) => view.levels.some((level) => panel.figure(level) !== null)),
  )
  const rows = Math.ceil(shown.length / columns)
  const size: Size = { width, height: Math.round(top + rows * rowHeight) }
  const colourOf = (arm: string): string => looks.get(arm)?.colour ?? INK.text
  return draw(
    {
      ...frame(size, names),
      grid: shown.map((_, at) => ({
        left: (at % columns) * cell + LEFT,
        width: cell - LEFT - GAP,
        top: top + Math.floor(at / columns) * rowHeight + 10,
        height: PANEL_HEIGHT - 46,
      })),
      xAxis: shown.map((_, gridIndex) => ({
        type: 'category',
        gridIndex,
        data: levels,
        axisLine: { lineStyle: { color: INK.line } },
        axisTick: { show: false },
        axisLabel: {
          color: INK.text,
          fontSize: FONT_SIZE - 1,
          interval: 0,
          ...(isTilted ? { rotate: 38 } : {}),
        },
      })),
      yAxis: shown.map((panel, gridIndex) => {
        const figures = views.flatMap((view) =>
          view.levels.flatMap((level) => panel.figure(level) ?? []),
        )
        const values = figures.flatMap(({ value, interval }) => [
          value,
          ...(interval ? ends(interval, value) : []),
        ])
        return { ...logAxis(panel.name, logRange(values), false), gridIndex }
      }),
      series: shown.flatMap((panel, axis) =>
        views.flatMap((view, nth) => series(panel, axis, view, nth, levels, colourOf)),
      ),
    },
    size,
  )
}

/** A bar goes no further than that to either side: else one wide interval would hide what levels differ by. */
const MOST_TIMES = 10

/** An open end is drawn at the point. */
const ends = ({ low, high }: NonNullable<Figure['interval']>, value: number): [number, number] => [
  Math.max(low ?? value, value / MOST_TIMES),
  Math.min(high ?? value, value * MOST_TIMES),
]

function series(
  panel: Panel,
  axis: number,
  view: FactorView,
  nth: number,
  levels: readonly string[],
  colourOf: (arm: string) => string,
): object[] {
  const on = { xAxisIndex: axis, yAxisIndex: axis }
  const own = levels.map((name) => view.levels.find(({ level }) => level === name))
  const line = {
    type: 'line',
    name: view.from,
    ...on,
    symbol: SYMBOLS[nth % SYMBOLS.length],
    symbolSize: 9,
    showAllSymbol: true,
    connectNulls: true,
    silent: true,
    z: 3,
    itemStyle: { color: INK.text },
    lineStyle: { color: INK.line, width: 1.5, type: DASHES[nth % DASHES.length] },
    data: own.map((level) => {
      const figure = level && panel.figure(level)
      return figure && figure.value > 0
        ? { value: Math.log10(figure.value), itemStyle: { color: colourOf(level.arm) } }
        : null
    }),
  }
  const bars = own.flatMap((level, x) => {
    const figure = level && panel.figure(level)
    if (!level || !figure?.interval) return []
    const [low, high] = ends(figure.interval, figure.value).map(Math.log10)
    const bar: Bar = [x, low ?? 0, high ?? 0]
    return [{ ...errorBars([bar], colourOf(level.arm)), ...on }]
  })
  return [line, ...bars]
}
