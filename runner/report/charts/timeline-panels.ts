import type { Run } from '../../measurement/run.ts'
import { linearAxis, logAxis, logRange } from './axis.ts'
import { armLooks, INK, PART_COLOURS } from './palette.ts'
import {
  secondSeries,
  stageSeries,
  telemetrySeries,
  type Points,
  type TelemetryPoint,
} from './trial-series.ts'

type Trial = Run['trials'][number]
interface Line {
  readonly name: string
  readonly colour: string
  readonly points: Points
}
export interface Panel {
  readonly axis: object
  readonly lines: readonly Line[]
  readonly threshold?: number
}

/** What a time line shows, from top to bottom: latency, throughput, CPU, and throttling where limited. */
export function panelsOf(run: Run, trial: Trial, telemetry: readonly TelemetryPoint[]): Panel[] {
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
