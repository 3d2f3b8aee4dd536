import type { Run } from '../../measurement/run.ts'
import type { Stage } from '../../measurement/stage.ts'
import type { Trial } from '../../measurement/trial.ts'
import { type Bar, errorBars, type StageSpan } from './marks.ts'
import type { ArmLook } from './theme.ts'

export type ArmPoint = Readonly<{
  x: number
  y: number
  bar: { readonly low: number; readonly high: number } | null
}>

export type ArmPoints = Readonly<{ arm: string; points: readonly ArmPoint[] }>

/** Places on two logarithmic axes; nothing lies below `floor`, as 0 would. */
export function logged(points: readonly ArmPoint[], floor: number): ArmPoint[] {
  const log = (value: number) => Math.log10(Math.max(floor, value))
  return points.map(({ x, y, bar }) => ({
    x: Math.log10(x),
    y: log(y),
    bar: bar && { low: log(bar.low), high: log(bar.high) },
  }))
}

/** An arm's points, and their intervals as bars; lines would join what different trials saw. */
export function armSeries(arm: string, look: ArmLook, points: readonly ArmPoint[]): object[] {
  const bars = points.flatMap(({ x, bar }): Bar[] => (bar ? [[x, bar.low, bar.high]] : []))
  return [
    {
      type: 'scatter',
      name: arm,
      data: points.map(({ x, y }) => [x, y]),
      symbol: look.symbol,
      symbolSize: look.size,
      itemStyle: { color: look.colour },
      silent: true,
      z: 3,
    },
    errorBars(bars, look.colour),
  ]
}

/** Every valid stage of an arm as a point of its own, whichever trial it is of. */
export function stagePoints(
  { trials }: Pick<Run, 'trials'>,
  arm: string,
  figure: (stage: Stage) => number | null | undefined,
): ArmPoint[] {
  const stages = trials.flatMap((trial) => (trial.arm === arm ? trial.stages : []))
  return stages.flatMap((stage) => {
    const y = stage.kind === 'control' || !stage.validity.valid ? null : figure(stage)
    return typeof y === 'number' ? [{ x: stage.users, y, bar: null }] : []
  })
}

/** A second of telemetry.csv, as far as a chart needs it. */
export type TelemetryPoint = Readonly<{
  /** Position of the trial in the run. */
  trial: number
  stage: number
  /** s since the stage's window opened; negative in the warm-up. */
  atS: number
  part: string
  cpuCores: number | null
  throttledRatio: number | null
}>

export type Points = [s: number, value: number | null][]

/** s a series has at most: a long trial is drawn in means of several seconds. */
const MOST = 240

/** When each stage's window was open, in seconds since the trial's first window opened. */
export function spans({ stages }: Pick<Trial, 'stages'>): StageSpan[] {
  const begin = Date.parse(stages[0]?.startedAt ?? '')
  return stages.map(({ users, startedAt, holdS, validity }) => {
    const fromS = (Date.parse(startedAt) - begin) / 1000
    return { users, valid: validity.valid, fromS, toS: fromS + holdS }
  })
}

/** A figure of every second of a trial, with a gap between stages. */
export function secondSeries(
  trial: Pick<Trial, 'stages'>,
  figure: (second: Stage['seconds'][number]) => number | null,
): Points {
  const bin = binOf(trial.stages.reduce((sum, { seconds }) => sum + seconds.length, 0))
  return spans(trial).flatMap(({ fromS }, at): Points => {
    const seconds = trial.stages[at]?.seconds ?? []
    const points = seconds.map((second): [number, number | null] => [
      fromS + second.atS,
      figure(second),
    ])
    return [...binned(points, bin), [fromS + seconds.length, null]]
  })
}

/** A figure of one part's telemetry over a trial; empty without telemetry. */
export function telemetrySeries(
  trial: Pick<Trial, 'stages' | 'order'>,
  telemetry: readonly TelemetryPoint[],
  part: string,
  figure: 'cpuCores' | 'throttledRatio',
): Points {
  const own = telemetry.filter((point) => point.trial === trial.order && point.part === part)
  const bin = binOf(own.length)
  return spans(trial).flatMap(({ fromS, toS }, at): Points => {
    const points = own
      .filter(({ stage }) => stage === at)
      .map((point): [number, number | null] => [fromS + point.atS, point[figure]])
    return points.length === 0 ? [] : [...binned(points, bin), [toS, null]]
  })
}

/** The mean over each stage, where there is no telemetry by the second. */
export function stageSeries(
  trial: Pick<Trial, 'stages'>,
  figure: (stage: Stage) => number | null | undefined,
): Points {
  return spans(trial).flatMap(({ fromS, toS }, at): Points => {
    const stage = trial.stages[at]
    const value = stage ? figure(stage) : null
    return typeof value === 'number'
      ? [
          [fromS, value],
          [toS, value],
          [toS, null],
        ]
      : []
  })
}

const binOf = (points: number) => Math.max(1, Math.ceil(points / MOST))

function binned(points: Points, size: number): Points {
  if (size === 1) return points
  return Array.from(
    { length: Math.ceil(points.length / size) },
    (_, at): [number, number | null] => {
      const part = points.slice(at * size, (at + 1) * size)
      const values = part.map(([, value]) => value).filter((value) => value !== null)
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      return [part[0]?.[0] ?? 0, values.length === 0 ? null : mean]
    },
  )
}
