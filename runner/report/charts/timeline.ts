import type { Run } from '../../measurement/run.ts'
import { draw } from './drawing.ts'
import { stageMarks, thresholdLine } from './marks.ts'
import {
  type Points,
  secondSeries,
  spans,
  stageSeries,
  type TelemetryPoint,
  telemetrySeries,
} from './series.ts'
import {
  armLooks,
  type Chart,
  frame,
  INK,
  linearAxis,
  logAxis,
  logRange,
  NARROW,
  PART_COLOURS,
  plotTop,
  WIDE,
} from './theme.ts'

type Trial = Run['trials'][number]

/** px. */
const PANEL = 110
const GAP = 36

/** One trial as it went, by the second: latency, throughput, CPU and throttling under its stages. */
export function timelineChart(run: Run, trial: Trial, telemetry: readonly TelemetryPoint[]): Chart {
  const panels = panelsOf(run, trial, telemetry)
  const each = spans(trial).map(({ users, valid }) => `${users}${valid ? '' : ' (invalid)'}`)
  const number = run.configuration.trials > 1 ? `, trial ${trial.index + 1}` : ''
  return {
    id: `timeline-${trial.order}`,
    about: 'trial',
    title: `${trial.arm}${number}, as it went`,
    alt:
      `Time line of ${trial.arm}${number}: latency, throughput and CPU by the second through stages of ` +
      `${each.join(', ')} users.`,
    caption:
      'Shaded: the windows that were measured, with their users; red where one is invalid. Between ' +
      'them users are added and the service warms up.',
    wide: drawn(run, trial, panels, WIDE.width),
    narrow: drawn(run, trial, panels, NARROW.width),
  }
}

function drawn(run: Run, trial: Trial, panels: readonly Panel[], width: number): string {
  const stages = spans(trial)
  const names = [...new Set(panels.flatMap(({ lines }) => lines.map(({ name }) => name)))]
  const upright = width < 500
  const top = plotTop({ width, height: 0 }, names) + (upright ? 34 : 18)
  const size = { width, height: top + panels.length * (PANEL + GAP) + 10 }
  const end = stages.at(-1)?.toS ?? 1
  return draw(
    {
      ...frame(size, names, { icon: 'roundRect' }),
      grid: panels.map((_, at) => ({
        left: 52,
        right: 20,
        top: top + at * (PANEL + GAP),
        height: PANEL,
      })),
      xAxis: panels.map((_, at) => ({
        ...linearAxis('', true, { gridIndex: at, max: end, splitLine: { show: false } }),
        ...(at === panels.length - 1
          ? { name: 'seconds since the first window opened' }
          : { axisLabel: { show: false } }),
      })),
      yAxis: panels.map(({ axis }, at) => ({
        ...axis,
        gridIndex: at,
        // Above the names of the stages.
        ...(at === 0 ? { nameGap: upright ? 42 : 24 } : {}),
      })),
      series: panels.flatMap(({ lines, threshold }, at) => {
        const axes = { xAxisIndex: at, yAxisIndex: at }
        return [
          stageMarks(stages, axes, { labels: at === 0, upright }),
          ...(threshold === undefined
            ? []
            : [thresholdLine(threshold, `${run.configuration.thresholdMs} ms`, axes)]),
          ...lines.map(({ name, colour, points }) => ({
            type: 'line',
            name,
            ...axes,
            data: points,
            symbol: 'none',
            silent: true,
            lineStyle: { color: colour, width: 1.5 },
            itemStyle: { color: colour },
          })),
        ]
      }),
    },
    size,
  )
}

type Line = Readonly<{
  name: string
  colour: string
  points: Points
}>
type Panel = Readonly<{
  axis: object
  lines: readonly Line[]
  threshold?: number
}>

/** What a time line shows, from top to bottom: latency, throughput, CPU, and throttling where limited. */
function panelsOf(run: Run, trial: Trial, telemetry: readonly TelemetryPoint[]): Panel[] {
  const colour = armLooks(run).get(trial.arm)?.colour ?? INK.text
  const { thresholdMs } = run.configuration
  const latency = secondSeries(trial, ({ meanMs }) => meanMs)
  const range = logRange([thresholdMs, ...latency.map(([, value]) => value ?? 0)])
  const logged = latency.map(([s, value]): Points[number] => [s, value && Math.log10(value)])
  const perS = secondSeries(trial, ({ requests }) => requests)
  const failed = secondSeries(trial, (second) => second.failed)
  const failures = failed.some(([, value]) => value !== null && value > 0)
  const parts = (['app', 'db'] as const).map((part) => ({ part, colour: PART_COLOURS[part] }))
  const cpu = parts.map(({ part, colour: own }): Line => {
    const seconds = telemetrySeries(trial, telemetry, part, 'cpuCores')
    const points =
      seconds.length > 0 ? seconds : stageSeries(trial, (stage) => stage.cpu[part]?.cores)
    return { name: `${part} CPU`, colour: own, points }
  })
  const throttled = parts.map(({ part, colour: own }): Line => {
    const seconds = telemetrySeries(trial, telemetry, part, 'throttledRatio')
    const points =
      seconds.length > 0 ? seconds : stageSeries(trial, (stage) => stage.cpu[part]?.throttledRatio)
    return { name: `${part} CPU`, colour: own, points: points.map(([s, v]) => [s, v && 100 * v]) }
  })
  const limited = throttled.some(({ points }) => points.some(([, value]) => value !== null))
  return [
    {
      axis: logAxis('latency, ms', range, false),
      lines: [{ name: trial.arm, colour, points: logged }],
      threshold: Math.log10(thresholdMs),
    },
    {
      axis: linearAxis('requests/s', false, { splitNumber: 3 }),
      lines: [
        { name: trial.arm, colour, points: perS },
        ...(failures ? [{ name: 'failed', colour: INK.text, points: failed }] : []),
      ],
    },
    { axis: linearAxis('CPU cores', false, { splitNumber: 3 }), lines: cpu },
    ...(limited
      ? [
          {
            axis: linearAxis('throttled periods, %', false, { max: 100, splitNumber: 2 }),
            lines: throttled,
          },
        ]
      : []),
  ]
}
