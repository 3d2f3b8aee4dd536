import { throughputEstimate } from '../../analysis/crossing/estimate.ts'
import type { Run } from '../../measurement/run.ts'
import { amount } from '../sheet.ts'
import { draw } from './drawing.ts'
import { type ArmPoints, armSeries, logged, pointsByArm } from './series.ts'
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

/** requests/s. None at all has no logarithm. */
const FLOOR = 1e-3

/** Throughput against users. */
export function throughputChart(run: Run): Chart {
  const arms = pointsByArm(run, ({ all }) => all.throughputPerS, throughputEstimate)
  const ceilings = run.crossings
    .map(({ arm, ceilingPerS }) => `${arm} at most ${amount(ceilingPerS)} requests/s`)
    .join('; ')
  return {
    id: 'throughput',
    about: 'arms',
    title: 'Throughput against users',
    alt: `Requests per second against the number of users, both on logarithmic axes: ${ceilings}.`,
    caption:
      'While nothing is saturated throughput follows the users, whatever the arm; where an arm leaves ' +
      'that line it is at its ceiling. Bars: 95 % intervals.',
    wide: drawn(run, arms, WIDE),
    narrow: drawn(run, arms, NARROW),
  }
}

function drawn(run: Run, arms: readonly ArmPoints[], paper: Size): string {
  const looks = armLooks(run)
  const size = underLegend(paper, [...looks.keys()])
  const points = arms.flatMap((arm) => arm.points)
  return draw(
    {
      ...frame(size, [...looks.keys()]),
      xAxis: logAxis('users', logRange(points.map(({ x }) => x)), true),
      yAxis: logAxis('throughput, requests/s', logRange(points.map(({ y }) => y)), false),
      series: arms.flatMap(({ arm, points: own }) => {
        const look = looks.get(arm)
        return look ? armSeries(arm, { ...look, dash: [0, 1000] }, logged(own, FLOOR)) : []
      }),
    },
    size,
  )
}
