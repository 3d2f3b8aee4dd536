import type { Stage } from '../../measurement/stage.ts'
import type { Trial } from '../../measurement/trial.ts'
import type { Crossing } from '../../measurement/verdict.ts'
import { amount } from '../sheet.ts'
import { type Bar, errorBars } from './marks.ts'
import { type ArmLook, FONT_SIZE, INK } from './theme.ts'

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

/** A second of telemetry.csv, as far as a chart needs it. */
export interface TelemetryPoint {
  /** Position of the trial in the run. */
  readonly trial: number
  readonly stage: number
  /** s since the stage's window opened; negative in the warm-up. */
  readonly atS: number
  readonly part: string
  readonly cpuCores: number | null
  readonly throttledRatio: number | null
}

export type Points = [s: number, value: number | null][]

export interface StageSpan {
  readonly users: number
  readonly valid: boolean
  readonly fromS: number
  readonly toS: number
}

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

interface Api {
  coord(point: [number, number]): [number, number]
}
interface Params {
  readonly coordSys: { readonly y: number; readonly height: number }
}

/** px: an interval narrower than this would not be seen. */
const LEAST_WIDTH = 3
/** Crossings nearer than this factor have their labels in rows. */
const NEAR = 1.5

/** Which row above the axis each label stands in, so that near ones do not cover each other. */
export function labelRows(crossings: readonly Crossing[]): ReadonlyMap<string, number> {
  const rows = new Map<string, number>()
  const found = crossings.flatMap(({ arm, users }) => (users === null ? [] : [{ arm, users }]))
  let last: { users: number; row: number } | null = null
  for (const { arm, users } of found.toSorted((a, b) => a.users - b.users)) {
    const row: number = last && users < last.users * NEAR ? last.row + 1 : 0
    rows.set(arm, row)
    last = { users, row }
  }
  return rows
}

/** Where an arm crosses the threshold: a line down to its users, its interval as a band around it. */
export function crossingSeries(
  { users, interval, bracket }: Crossing,
  { thresholdMs, row }: { readonly thresholdMs: number; readonly row: number },
  { colour, dash }: ArmLook,
): object[] {
  if (users === null) return []
  const reach = interval ?? bracket ?? { low: users, high: users }
  const y = Math.log10(thresholdMs)
  const place = (api: Api, x: number) => api.coord([Math.log10(Math.max(1, x)), y])
  const renderItem = ({ coordSys }: Params, api: Api) => {
    const [x, top] = place(api, users)
    const [[left], [right]] = [place(api, reach.low), place(api, reach.high)]
    const bottom = coordSys.y + coordSys.height
    const width = Math.max(LEAST_WIDTH, right - left)
    const middle = right - left < LEAST_WIDTH ? x : (left + right) / 2
    const text = {
      text: amount(users),
      fill: colour,
      // A halo of paper: the label may lie on another arm's line.
      stroke: INK.paper,
      lineWidth: 3,
      fontSize: FONT_SIZE,
      fontWeight: 'bold',
      align: 'right',
      verticalAlign: 'bottom',
    }
    return {
      type: 'group',
      children: [
        {
          type: 'rect',
          shape: { x: middle - width / 2, y: top, width, height: bottom - top },
          style: { fill: colour, opacity: 0.25 },
        },
        {
          type: 'line',
          shape: { x1: x, y1: top, x2: x, y2: bottom },
          style: { stroke: colour, lineWidth: 1.5, lineDash: dash },
        },
        { type: 'text', x: x - 5, y: bottom - 4 - row * (FONT_SIZE + 4), style: text },
      ],
    }
  }
  return [{ type: 'custom', data: [[Math.log10(users), y]], silent: true, z: 2, renderItem }]
}
