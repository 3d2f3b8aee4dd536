import { contenderOf } from '../../analysis/claims/arms.ts'
import { ARTICLE_POINTS } from '../../analysis/claims/predictions.ts'
import { latencyEstimate, responseMs } from '../../analysis/crossing/estimate.ts'
import { levels, measuredAt } from '../../analysis/levels.ts'
import type { Run } from '../../measurement/run.ts'
import { ms } from '../sheet.ts'
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

/** ms. The article's figures end at 160; what goes beyond runs out of the chart. */
const MOST_MS = 300

/**
 * The article's ramp as it was measured here, with the article's own points over it; null on other hosts,
 * where the two cannot be laid over each other.
 */
export function articleRampChart(run: Run): Chart | null {
  const { hosts, users } = run.configuration
  if (hosts?.kind !== 'article') return null
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
    id: 'article-ramp',
    about: 'arms',
    title: 'The article’s ramp, here and there',
    alt: `Mean response time at each step of the article’s ramp. ${said}. The article: ${articleText()}.`,
    caption:
      'Lines with filled markers are measured here, on hosts as fast as the article’s; each bar is a 95 % interval. Hollow diamonds are the article’s figures.',
    wide: drawn(run, arms, WIDE),
    narrow: drawn(run, arms, NARROW),
  }
}

const articleText = (): string =>
  ARTICLE_POINTS.map(({ role, users, ms: at }) => `${role} ${at} ms at ${users} users`).join(', ')

type Arm = { readonly arm: string; readonly points: readonly ArmPoint[] }

function drawn(run: Run, arms: readonly Arm[], paper: Size): string {
  const looks = armLooks(run)
  const size = underLegend(paper, [...looks.keys()])
  return draw(
    {
      ...frame(size, [...looks.keys()]),
      xAxis: linearAxis('users', true, { min: 0, max: Math.max(...run.configuration.users) + 5 }),
      yAxis: linearAxis('mean response time, ms', false, { min: 0, max: MOST_MS }),
      series: [
        thresholdLine(100, '100 ms'),
        ...arms.flatMap(({ arm, points }) => {
          const look = looks.get(arm)
          return look ? armSeries(arm, look, inside(points)) : []
        }),
        ...ARTICLE_POINTS.flatMap(({ role, users, ms: y }) => {
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
function inside(points: readonly ArmPoint[]): ArmPoint[] {
  const leaves = points.findIndex(({ y }) => y > MOST_MS)
  const shown = leaves < 0 ? points : points.slice(0, leaves)
  const [last, next] = [shown.at(-1), leaves < 0 ? undefined : points[leaves]]
  const edge =
    last && next
      ? [
          {
            x: last.x + ((next.x - last.x) * (MOST_MS - last.y)) / (next.y - last.y),
            y: MOST_MS,
            bar: null,
          },
        ]
      : []
  const bars = shown.map(({ x, y, bar }) => ({
    x,
    y,
    bar: bar && { low: Math.max(0, bar.low), high: Math.min(MOST_MS, bar.high) },
  }))
  return [...bars, ...edge]
}
