import { responseMs } from '../../analysis/crossing/estimate.ts'
import type { Run } from '../../measurement/run.ts'
import { amount, ms } from '../sheet.ts'
import { crossingSeries, labelRows } from './crossing-series.ts'
import { draw } from './drawing.ts'
import { thresholdLine } from './marks.ts'
import { type ArmPoints, armSeries, logged, stagePoints } from './series.ts'
import { curveOf, curveSeries } from './curve.ts'
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
  const arms = [...armLooks(run).keys()].map((arm) => ({
    arm,
    points: stagePoints(run, arm, (stage) => responseMs(stage, thresholdOn)),
  }))
  const crossings = run.crossings
    .flatMap(({ arm, users }) => (users === null ? [] : [`${arm} at ${amount(users)} users`]))
    .join(', ')
  const ranges = arms
    .filter(({ points }) => points.length > 0)
    .map(({ arm, points }) => {
      const values = points.map(({ y }) => y)
      return `${arm} from ${ms(Math.min(...values))} to ${ms(Math.max(...values))} ms`
    })
    .join('; ')
  return {
    id: 'response-time',
    about: 'answer',
    title: 'Response time against users',
    alt:
      `${thresholdOn} response time against the number of users, both on logarithmic axes: ${ranges}. ` +
      `The threshold is ${thresholdMs} ms; crossed by ${crossings || 'no arm'}.`,
    caption: `Each marker is a valid stage, of whichever trial. ${
      thresholdOn === 'mean'
        ? 'A line is the curve fitted to all of an arm’s stages, in its 95 % band from three trials on. '
        : ''
    }A line down is where an arm crosses ${thresholdMs} ms, its bar the interval. Both axes are logarithmic.`,
    wide: drawn(run, arms, WIDE),
    narrow: drawn(run, arms, NARROW),
  }
}

function drawn(run: Run, arms: readonly ArmPoints[], paper: Size): string {
  const { thresholdMs, thresholdOn } = run.configuration
  const looks = armLooks(run)
  const size = underLegend(paper, [...looks.keys()])
  const points = arms.flatMap((arm) => arm.points)
  const seen = logRange([thresholdMs, ...points.map(({ y }) => y)])
  // Room under the lines for the users at which the arms cross.
  const yRange = { ...seen, low: seen.low / 2 }
  const rows = labelRows(run.crossings)
  return draw(
    {
      ...frame(size, [...looks.keys()], { sign: 12 }),
      xAxis: logAxis('users', logRange(points.map(({ x }) => x)), true),
      yAxis: logAxis(`${thresholdOn} response time, ms`, yRange, false),
      series: [
        thresholdLine(Math.log10(thresholdMs), `${thresholdMs} ms`),
        ...arms.flatMap(({ arm, points: own }) => {
          const look = looks.get(arm)
          if (!look) return []
          const curve = curveOf(
            run,
            arm,
            own.map(({ y }) => y),
          )
          return [
            ...curveSeries(curve, look, (users, at) => [Math.log10(users), Math.log10(at)]),
            ...armSeries(arm, look, logged(own, yRange.low)),
          ]
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
