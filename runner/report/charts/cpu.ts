import { levels, meanAt, measuredAt } from '../../analysis/levels.ts'
import { mean } from '../../analysis/statistics/moments.ts'
import type { Run } from '../../measurement/run.ts'
import { cores } from '../sheet.ts'
import { draw } from './drawing.ts'
import { thresholdLine } from './marks.ts'
import { armSeries } from './series.ts'
import {
  armLooks,
  type Chart,
  frame,
  linearAxis,
  logAxis,
  logRange,
  NARROW,
  plotTop,
  underLegend,
  WIDE,
  type Size,
} from './theme.ts'

const PANELS = [
  { part: 'app', name: 'app, CPU cores' },
  { part: 'db', name: 'database, CPU cores' },
] as const

/** CPU of the app and of the database against users. */
export function cpuChart(run: Run): Chart {
  const most = [...armLooks(run).keys()]
    .flatMap((arm) => {
      const last = levels(run, arm).findLast((level) => level.valid.length > 0)
      if (!last) return []
      const [app, db] = [
        meanAt(last, ({ cpu }) => cpu.app?.cores),
        meanAt(last, ({ cpu }) => cpu.db?.cores),
      ]
      return [`${arm} at ${last.users} users: app ${cores(app)}, database ${cores(db)} cores`]
    })
    .join('; ')
  return {
    id: 'cpu',
    about: 'arms',
    title: 'CPU of the app and of the database against users',
    alt: `CPU cores used by the app and by the database against the number of users. ${most}.`,
    caption:
      'Dashed: the CPU limit of the part, where it has one; the mean over trials, where each had its own. ' +
      'Bars: 95 % intervals over trials.',
    wide: drawn(run, WIDE),
    narrow: drawn(run, { ...NARROW, height: 560 }),
  }
}

function drawn(run: Run, paper: Size): string {
  const looks = armLooks(run)
  const size = underLegend(paper, [...looks.keys()])
  const stacked = size.width < 500
  const arms = [...looks].map(([arm, look]) => ({ arm, look, levels: levels(run, arm) }))
  const xRange = logRange(arms.flatMap((arm) => arm.levels.map(({ users }) => users)))
  const top = plotTop(size, [...looks.keys()])
  const grids = stacked
    ? [
        { left: 52, right: 20, top, height: 180 },
        { left: 52, right: 20, top: top + 256, height: 180 },
      ]
    : [
        { left: 52, width: 300, top, bottom: 48 },
        { left: 430, right: 20, top, bottom: 48 },
      ]
  return draw(
    {
      ...frame(size, [...looks.keys()], { sign: 12 }),
      grid: grids,
      xAxis: PANELS.map((_, at) => ({ ...logAxis('users', xRange, true), gridIndex: at })),
      yAxis: PANELS.map(({ name, part }, at) =>
        linearAxis(name, false, { gridIndex: at, ...upTo(limitOf(run, part)) }),
      ),
      series: PANELS.flatMap(({ part }, at) => {
        const axis = { xAxisIndex: at, yAxisIndex: at }
        const limit = limitOf(run, part)
        const seen = arms.flatMap(({ arm, look, levels: own }) => {
          const points = own.flatMap((level) => {
            const found = measuredAt(level, ({ cpu }) => cpu[part]?.cores)
            return found ? [{ x: Math.log10(level.users), y: found.mean, bar: found.interval }] : []
          })
          return armSeries(arm, look, points).map((series) => ({ ...series, ...axis }))
        })
        return limit === null
          ? seen
          : [
              ...seen,
              thresholdLine(
                limit,
                `limit ${Number(limit.toPrecision(3))}`,
                axis,
                'insideStartBottom',
              ),
            ]
      }),
    },
    size,
  )
}

/** The axis holds the limit, or nobody would see how far a part is from it. */
function upTo(limit: number | null): object {
  if (limit === null) return {}
  return { max: ({ max }: { max: number }) => Math.max(limit, Math.ceil(10 * max) / 10) }
}

/** The mean over its trials, as the points are, where these were fitted. */
function limitOf(run: Run, part: 'app' | 'db'): number | null {
  const fitted = run.trials.flatMap(({ hosts }) => hosts ?? [])
  if (fitted.length > 0)
    return mean(fitted.map(({ appCores, dbCores }) => (part === 'app' ? appCores : dbCores)))
  return run.environment.parts.find((one) => one.part === part)?.cpuLimitCores ?? null
}
