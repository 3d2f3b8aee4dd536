import { contenderOf } from '../../analysis/claims/arms.ts'
import { latencyEstimate, responseMs } from '../../analysis/crossing/estimate.ts'
import { levels, measuredAt } from '../../analysis/levels.ts'
import type { Run } from '../../measurement/run.ts'
import type { Studied, Study } from '../../measurement/study.ts'
import { capital, ms } from '../sheet.ts'
import { draw } from './drawing.ts'
import { thresholdLine } from './marks.ts'
import { type ArmPoint, armSeries } from './series.ts'
import {
  armLooks,
  type Chart,
  frame,
  INK,
  linearAxis,
  NARROW,
  type Size,
  underLegend,
  WIDE,
} from './theme.ts'

/**
 * The study's ramp as it was measured here, with the study's own points over it; null on other hosts, where
 * the two cannot be laid over each other.
 */
export function studyRampChart(run: Studied<Run>): Chart | null {
  const { hosts, users } = run.configuration
  const { study } = run
  if (!study || hosts?.kind !== study.id) return null
  const steps = new Set(users)
  const arms = [...armLooks(run).keys()].map((arm) => ({
    arm,
    points: levels(run, arm)
      .filter((level) => steps.has(level.users))
      .flatMap((level): ArmPoint[] => {
        const found = measuredAt(level, (stage) => responseMs(stage, 'mean'), latencyEstimate)
        return found ? [{ x: level.users, y: found.mean, bar: found.interval }] : []
      }),
  }))
  const said = arms
    .map(
      ({ arm, points }) => `${arm}: ${points.map(({ x, y }) => `${ms(y)} ms at ${x}`).join(', ')}`,
    )
    .join('; ')
  return {
    id: `${study.id}-ramp`,
    about: 'arms',
    title: `${capital(study.name)}’s ramp, here and there`,
    alt: `Mean response time at each step of ${study.name}’s ramp. ${said}. ${capital(study.name)}: ${pointsText(study)}.`,
    caption: `Lines with filled markers are measured here, on hosts as fast as ${study.name}’s; each bar is a 95 % interval. Hollow diamonds are ${study.name}’s figures.`,
    wide: drawn(run, study, arms, WIDE),
    narrow: drawn(run, study, arms, NARROW),
  }
}

const pointsText = ({ figures: { points } }: Study): string =>
  points.map(({ role, users, ms: at }) => `${role} ${at} ms at ${users} users`).join(', ')

type Arm = { readonly arm: string; readonly points: readonly ArmPoint[] }

function drawn(run: Studied<Run>, study: Study, arms: readonly Arm[], paper: Size): string {
  const mostMs = study.ramp.chartMostMs
  const { threshold } = study.registration
  const looks = armLooks(run)
  const size = underLegend(paper, [...looks.keys()])
  return draw(
    {
      ...frame(size, [...looks.keys()]),
      xAxis: linearAxis('users', true, { min: 0, max: Math.max(...run.configuration.users) + 5 }),
      yAxis: linearAxis('mean response time, ms', false, { min: 0, max: mostMs }),
      series: [
        thresholdLine(threshold.ms, `${threshold.ms} ms`),
        ...arms.flatMap(({ arm, points }) => {
          const look = looks.get(arm)
          return look ? armSeries(arm, look, inside(points, mostMs)) : []
        }),
        ...study.figures.points.flatMap(({ role, users, ms: y }) => {
          const look = looks.get(contenderOf(run, role) ?? '')
          if (!look) return []
          return [
            {
              type: 'scatter',
              data: [[users, y]],
              symbol: 'diamond',
              symbolSize: 16,
              itemStyle: { color: INK.paper, borderColor: look.colour, borderWidth: 2.5 },
              silent: true,
              z: 5,
            },
          ]
        }),
      ],
    },
    size,
  )
}

/** The part of a line that is inside the chart: it ends where it leaves it, and bars end at its edge. */
function inside(points: readonly ArmPoint[], mostMs: number): ArmPoint[] {
  const leaves = points.findIndex(({ y }) => y > mostMs)
  const shown = leaves < 0 ? points : points.slice(0, leaves)
  const [last, next] = [shown.at(-1), leaves < 0 ? undefined : points[leaves]]
  const edge =
    last && next
      ? [
          {
            x: last.x + ((next.x - last.x) * (mostMs - last.y)) / (next.y - last.y),
            y: mostMs,
            bar: null,
          },
        ]
      : []
  const bars = shown.map(({ x, y, bar }) => ({
    x,
    y,
    bar: bar && { low: Math.max(0, bar.low), high: Math.min(mostMs, bar.high) },
  }))
  return [...bars, ...edge]
}
