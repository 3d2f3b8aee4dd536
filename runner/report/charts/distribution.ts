import { equalUsers, type Level, meanAt } from '../../analysis/levels.ts'
import { endpointsOf, type Run } from '../../measurement/run.ts'
import { ms } from '../sheet.ts'
import { draw } from './drawing.ts'
import { type Ladder, rangeMarks } from './marks.ts'
import {
  type ArmLook,
  armLooks,
  type Chart,
  FONT_SIZE,
  frame,
  INK,
  logAxis,
  logRange,
  NARROW,
  plotTop,
  WIDE,
  type Size,
} from './theme.ts'

/** px a row of one arm, and between endpoints. */
const ROW = 20

/** How latency spreads for each endpoint and arm: median, p90, p95, p99 and the largest. */
export function distributionChart(run: Run): Chart {
  const { shared, arms } = equalUsers(run)
  const endpoints = endpointsOf(run)
  const load = shared === null ? 'each arm at its last valid step' : `at ${shared} users`
  const levels = arms.flatMap(({ arm, level }) =>
    endpoints.map((endpoint) => {
      const { p50, p99 } = ladder(level, endpoint)
      return `${arm} ${endpoint} p50 ${ms(p50)}, p99 ${ms(p99)}`
    }),
  )
  const height = 96 + endpoints.length * (ROW * arms.length + 16)
  return {
    id: 'distribution',
    about: 'arms',
    title: 'Latency distribution by endpoint',
    alt: `Latency percentiles in ms for each endpoint and arm, ${load}: ${levels.join('; ')}.`,
    caption:
      `Successful requests ${load}. The marker is the median; the thick bar reaches to p90, the thin ` +
      `one to p99 (its tick p95), the dotted one to the largest seen. Logarithmic axis.`,
    wide: drawn(run, { width: WIDE.width, height }),
    narrow: drawn(run, { width: NARROW.width, height }),
  }
}

function ladder(level: Level, endpoint: string): Ladder {
  const at = (name: 'p50Ms' | 'p90Ms' | 'p95Ms' | 'p99Ms' | 'maxMs') =>
    meanAt(level, ({ endpoints }) => endpoints[endpoint]?.[name] ?? null)
  return {
    p50: at('p50Ms'),
    p90: at('p90Ms'),
    p95: at('p95Ms'),
    p99: at('p99Ms'),
    max: at('maxMs'),
  }
}

function drawn(run: Run, size: Size): string {
  const { arms } = equalUsers(run)
  const endpoints = endpointsOf(run)
  const looks = armLooks(run)
  const rows = endpoints.flatMap((endpoint, group) =>
    arms.map(({ arm, level }, nth) => ({
      arm,
      y: row(group, nth, arms.length),
      ...ladder(level, endpoint),
    })),
  )
  const range = logRange(rows.flatMap(({ p50, max }) => [p50 ?? 0, max ?? 0]))
  const height = endpoints.length * (arms.length * ROW + 16)
  const log = (value: number) => Math.log10(Math.max(value, range.low))
  return draw(
    {
      ...frame(size, [...looks.keys()]),
      grid: { left: 100, right: 20, top: plotTop(size, [...looks.keys()]) - 14, bottom: 48 },
      xAxis: logAxis('latency, ms', range, true),
      yAxis: {
        type: 'value',
        inverse: true,
        min: 0,
        max: height,
        axisLine: { onZero: false, lineStyle: { color: INK.line } },
        splitLine: { show: false },
        axisTick: { show: false, customValues: [] },
        axisLabel: {
          customValues: endpoints.map((_, group) => (height * (group + 0.5)) / endpoints.length),
          formatter: (value: number) =>
            endpoints[Math.floor((value / height) * endpoints.length)] ?? '',
          color: INK.text,
          fontSize: FONT_SIZE,
        },
      },
      series: [...looks].flatMap(([arm, look]) => {
        const own = rows.filter((one) => one.arm === arm)
        return [marker(arm, look, own, log), rangeMarks(own, look.colour, log)]
      }),
    },
    size,
  )
}

function row(group: number, nth: number, arms: number): number {
  return group * (arms * ROW + 16) + 8 + (nth + 0.5) * ROW
}

type Row = Ladder & { readonly y: number }

function marker(
  arm: string,
  look: ArmLook,
  rows: readonly Row[],
  log: (value: number) => number,
): object {
  return {
    type: 'line',
    name: arm,
    data: rows.flatMap(({ p50, y }) => (p50 === null ? [] : [[log(p50), y]])),
    symbol: look.symbol,
    symbolSize: 9,
    itemStyle: { color: look.colour },
    lineStyle: { width: 0, color: look.colour },
    silent: true,
    z: 3,
  }
}
