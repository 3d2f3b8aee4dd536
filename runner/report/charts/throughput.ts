import { throughputEstimate } from '../../analysis/crossing/estimate.ts'
import { levels, measuredAt } from '../../analysis/levels.ts'
import { type Usl, uslThroughput } from '../../analysis/usl.ts'
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
  readonly fit: [number, number][]
}

/** Throughput against users, with the Universal Scalability Law as fitted. */
export function throughputChart(run: Run): Chart {
  const arms = [...armLooks(run).keys()].map((arm): Arm => {
    const points = levels(run, arm).flatMap((level) => {
      const found = measuredAt(level, ({ all }) => all.throughputPerS, throughputEstimate)
      return found ? [{ x: level.users, y: found.mean, bar: found.interval }] : []
    })
    const usl = run.crossings.find((crossing) => crossing.arm === arm)?.usl
    return { arm, points, fit: usl ? fitted(usl, points, thinkS(run)) : [] }
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
      'that line it is at its ceiling. Thin lines: the Universal Scalability Law as fitted to the users ' +
      'in service. Bars: 95 % intervals.',
    wide: drawn(run, arms, WIDE),
    narrow: drawn(run, arms, NARROW),
  }
}

const thinkS = ({ configuration: { thinkMs } }: Run) => (thinkMs.min + thinkMs.max) / 2000

/** The fit over virtual users: those in service, and those that think, throughput x think time. */
function fitted(usl: Usl, points: readonly ArmPoint[], think: number): [number, number][] {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return []
  const [low, high] = [first.y * 1e-3, last.x]
  const steps = 120
  return Array.from({ length: steps + 1 }, (_, at): [number, number] => {
    const inService = low * (high / low) ** (at / steps)
    const perS = uslThroughput(usl, inService)
    return [inService + perS * think, perS]
  }).filter(([users]) => users >= first.x && users <= last.x)
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
      series: arms.flatMap(({ arm, points: own, fit }) => {
        const look = looks.get(arm)
        if (!look) return []
        const logged = own.map(({ x, y, bar }) => ({
          x: log(x),
          y: log(Math.max(y, 1e-3)),
          bar: bar && { low: log(Math.max(bar.low, 1e-3)), high: log(bar.high) },
        }))
        const curve = {
          type: 'line',
          data: fit.map(([x, y]) => [log(x), log(y)]),
          symbol: 'none',
          silent: true,
          lineStyle: { color: look.colour, width: 1, opacity: 0.8 },
        }
        return [curve, ...armSeries(arm, { ...look, dash: [0, 1000] }, logged)]
      }),
    },
    size,
  )
}
