import { latencyEstimate, responseMs } from '../../analysis/crossing/estimate.ts'
import { levels, measuredAt } from '../../analysis/levels.ts'
import type { Run } from '../../measurement/run.ts'
import { amount, ms } from '../sheet.ts'
import { crossingSeries, labelRows } from './crossing-series.ts'
import { draw } from './drawing.ts'
import { thresholdLine } from './marks.ts'
import { type ArmPoint, armSeries } from './series.ts'
import {
  armLooks,
  type Chart,
  frame,
  logAxis,
  logRange,
  NARROW,
  underLegend,
  WIDE,
  type Size,
} from './theme.ts'

/** Response time against users, with the threshold and where each arm crosses it. */
export function responseTimeChart(run: Run): Chart {
  const { thresholdMs, thresholdOn } = run.configuration
  const arms = pointsByArm(run)
  const crossings = run.crossings
    .flatMap(({ arm, users }) => (users === null ? [] : [`${arm} at ${amount(users)} users`]))
    .join(', ')
  const ranges = arms
    .map(({ arm, points }) => `${arm} from ${ms(points[0]?.y)} to ${ms(points.at(-1)?.y)} ms`)
    .join('; ')
  return {
    id: 'response-time',
    title: 'Response time against users',
    alt:
      `${thresholdOn} response time against the number of users, both on logarithmic axes: ${ranges}. ` +
      `The threshold is ${thresholdMs} ms; crossed by ${crossings || 'no arm'}.`,
    caption:
      `Each marker is a stage’s ${thresholdOn}, each bar its 95 % interval. A line runs down ` +
      `from where an arm crosses ${thresholdMs} ms, in a band as wide as the crossing’s interval. Both axes are logarithmic.`,
    wide: drawn(run, arms, WIDE),
    narrow: drawn(run, arms, NARROW),
  }
}

type Arm = { readonly arm: string; readonly points: readonly ArmPoint[] }

function pointsByArm(run: Run): Arm[] {
  const { thresholdOn } = run.configuration
  const within = thresholdOn === 'mean' ? latencyEstimate : undefined
  return [...armLooks(run).keys()].map((arm) => ({
    arm,
    points: levels(run, arm).flatMap((level) => {
      const found = measuredAt(level, (stage) => responseMs(stage, thresholdOn), within)
      return found ? [{ x: level.users, y: found.mean, bar: found.interval }] : []
    }),
  }))
}

function drawn(run: Run, arms: readonly Arm[], paper: Size): string {
  const { thresholdMs, thresholdOn } = run.configuration
  const looks = armLooks(run)
  const size = underLegend(paper, [...looks.keys()])
  const points = arms.flatMap((arm) => arm.points)
  const seen = logRange([thresholdMs, ...points.map(({ y }) => y)])
  // Room under the lines for the users at which the arms cross.
  const yRange = { ...seen, low: seen.low / 2 }
  const log = Math.log10
  const rows = labelRows(run.crossings)
  return draw(
    {
      ...frame(size, [...looks.keys()]),
      xAxis: logAxis('users', logRange(points.map(({ x }) => x)), true),
      yAxis: logAxis(`${thresholdOn} response time, ms`, yRange, false),
      series: [
        thresholdLine(log(thresholdMs), `${thresholdMs} ms`),
        ...arms.flatMap(({ arm, points: own }) => {
          const look = looks.get(arm)
          if (!look) return []
          const floor = yRange.low
          const logged = own.map(({ x, y, bar }) => ({
            x: log(x),
            y: log(y),
            bar: bar && { low: log(Math.max(floor, bar.low)), high: log(bar.high) },
          }))
          return armSeries(arm, look, logged)
        }),
        ...run.crossings.flatMap((crossing) => {
          const look = looks.get(crossing.arm)
          const row = rows.get(crossing.arm) ?? 0
          return look ? crossingSeries(crossing, { thresholdMs, row }, look) : []
        }),
      ],
    },
    size,
  )
}
