import { throughputEstimate } from '../../analysis/crossing/estimate.ts'
import { levels, measuredAt } from '../../analysis/levels.ts'
import type { Run } from '../../measurement/run.ts'
import { amount } from '../sheet.ts'
import { draw } from './drawing.ts'
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

type Arm = {
  readonly arm: string
  readonly points: readonly ArmPoint[]
}

/** Throughput against users. */
export function throughputChart(run: Run): Chart {
  const arms = [...armLooks(run).keys()].map((arm): Arm => {
    const points = levels(run, arm).flatMap((level) => {
      const found = measuredAt(level, ({ all }) => all.throughputPerS, throughputEstimate)
      return found ? [{ x: level.users, y: found.mean, bar: found.interval }] : []
    })
    return { arm, points }
  })
  const ceilings = run.crossings
    .map(({ arm, ceilingPerS }) => `${arm} at most ${amount(ceilingPerS)} requests/s`)
    .join('; ')
  return {
    id: 'throughput',
    title: 'Throughput against users',
    alt: `Requests per second against the number of users, both on logarithmic axes: ${ceilings}.`,
    caption:
      'While nothing is saturated throughput follows the users, whatever the arm; where an arm leaves ' +
      'that line it is at its ceiling. Bars: 95 % intervals.',
    wide: drawn(run, arms, WIDE),
    narrow: drawn(run, arms, NARROW),
  }
}

function drawn(run: Run, arms: readonly Arm[], paper: Size): string {
  const looks = armLooks(run)
  const size = underLegend(paper, [...looks.keys()])
  const points = arms.flatMap((arm) => arm.points)
  const log = Math.log10
  return draw(
    {
      ...frame(size, [...looks.keys()]),
      xAxis: logAxis('users', logRange(points.map(({ x }) => x)), true),
      yAxis: logAxis('throughput, requests/s', logRange(points.map(({ y }) => y)), false),
      series: arms.flatMap(({ arm, points: own }) => {
        const look = looks.get(arm)
        if (!look) return []
        const logged = own.map(({ x, y, bar }) => ({
          x: log(x),
          y: log(Math.max(y, 1e-3)),
          bar: bar && { low: log(Math.max(bar.low, 1e-3)), high: log(bar.high) },
        }))
        return armSeries(arm, { ...look, dash: [0, 1000] }, logged)
      }),
    },
    size,
  )
}
