import { responseMs } from '../../analysis/crossing/estimate.ts'
import type { Run } from '../../measurement/run.ts'
import { amount } from '../sheet.ts'
import { draw } from './drawing.ts'
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

/** requests/s. None at all has no logarithm. */
const FLOOR = 1e-3

/** Throughput against users. */
export function throughputChart(run: Run): Chart {
  const arms = [...armLooks(run).keys()].map((arm) => ({
    arm,
    points: stagePoints(run, arm, ({ all }) => all.throughputPerS),
  }))
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
      'that line it is at its ceiling. Each marker is a valid stage; lines are the fitted curves with their bands.',
    wide: drawn(run, arms, WIDE),
    narrow: drawn(run, arms, NARROW),
  }
}

function drawn(run: Run, arms: readonly ArmPoints[], paper: Size): string {
  const { min, max } = run.configuration.thinkMs
  const thinkMs = (min + max) / 2
  const looks = armLooks(run)
  const size = underLegend(paper, [...looks.keys()])
  const points = arms.flatMap((arm) => arm.points)
  return draw(
    {
      ...frame(size, [...looks.keys()], { sign: 12 }),
      xAxis: logAxis('users', logRange(points.map(({ x }) => x)), true),
      yAxis: logAxis('throughput, requests/s', logRange(points.map(({ y }) => y)), false),
      series: arms.flatMap(({ arm, points: own }) => {
        const look = looks.get(arm)
        if (!look) return []
        const means = stagePoints(run, arm, (stage) => responseMs(stage, 'mean'))
        const curve = curveOf(
          run,
          arm,
          means.map(({ y }) => y),
        )
        // By the interactive response time law, as the curve was fitted: X = N / (R + Z).
        const perS = (users: number, ms: number) => (1000 * users) / (ms + thinkMs)
        return [
          ...curveSeries(curve, look, (users, ms) => [
            Math.log10(users),
            Math.log10(perS(users, ms)),
          ]),
          ...armSeries(arm, look, logged(own, FLOOR)),
        ]
      }),
    },
    size,
  )
}
