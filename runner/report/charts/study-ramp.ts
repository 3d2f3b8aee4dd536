import { ownArmOf } from '../../analysis/claims/arms.ts'
import { isSteady, middleOf } from '../../analysis/claims/predictions.ts'
import { latencyEstimate, responseMs } from '../../analysis/crossing/estimate.ts'
import { levels, measuredAt } from '../../analysis/levels.ts'
import { runningMeans, type RunningPoint } from '../../analysis/running-mean.ts'
import { mean } from '../../analysis/statistics/moments.ts'
import type { Run } from '../../measurement/run.ts'
import type { Step, Studied, Study } from '../../measurement/study.ts'
import { capital, ms } from '../sheet.ts'
import { draw } from './drawing.ts'
import { type Bar, errorBars, thresholdLine } from './marks.ts'
import type { ArmPoint } from './series.ts'
import { type Chart, frame, INK, linearAxis, plotTop, READING_COLOURS, type Size } from './theme.ts'

type Point = Readonly<{ x: number; y: number }>

/** One arm of the study: both readings of its ramp, there and here. */
type Panel = Readonly<{
  arm: string
  there: Readonly<{ own: readonly Point[]; running: readonly Point[] }>
  here: Readonly<{ own: readonly ArmPoint[]; running: readonly Point[] }>
}>

/**
 * The study's ramp as it was charted and as it was measured here, a panel for each of its arms: the mean since the test
 * began, and the mean of each step; null on other hosts or of other arms, where the two cannot be laid over each other.
 */
export function studyRampChart(run: Studied<Run>): Chart | null {
  const { study } = run
  if (!study || run.configuration.hosts?.kind !== study.id) return null
  const panels = panelsOf(run, study)
  if (panels.length === 0) return null
  const said = panels
    .map(
      ({ arm, there, here }) =>
        `${arm}: own means here ${pointsText(here.own)}; running means here ${pointsText(here.running)}; ` +
        `${study.name}’s own means ${pointsText(there.own)}; its running means ${pointsText(there.running)}`,
    )
    .join('. ')
  return {
    id: `${study.id}-ramp`,
    about: 'arms',
    title: `${capital(study.name)}’s ramp, there and here, read both ways`,
    alt: `Mean response time against users. ${said}.`,
    caption:
      `Hollow: ${study.name}, whose charts show the running mean, since the test began; the own mean of each step is ` +
      `derived from it. Filled: measured here, on hosts as fast as ${study.name}’s; each bar is a 95 % interval. The ` +
      `running mean passes ${study.registration.threshold.ms} ms later than the steps do.`,
    wide: drawn(run, study, panels, 3, 760),
    narrow: drawn(run, study, panels, 1, 360),
  }
}

const pointsText = (points: readonly Point[]): string =>
  points.length === 0 ? 'none' : points.map(({ x, y }) => `${ms(y)} ms at ${x}`).join(', ')

function panelsOf(run: Studied<Run>, study: Study): Panel[] {
  return study.figures.charts.arms.flatMap(({ role, steps }): Panel[] => {
    const arm = ownArmOf(run, role)
    if (arm === null) return []
    const from = steps.find(isSteady)?.users
    return [
      {
        arm,
        there: {
          own: pointsOf(steps, ({ ownMs }) => ownMs),
          running: pointsOf(steps, ({ runningMs }) => runningMs),
        },
        here: { own: ownMeans(run, arm), running: averaged(run, arm, from) },
      },
    ]
  })
}

const pointsOf = (steps: readonly Step[], reading: (step: Step) => Step['ownMs']): Point[] =>
  steps.flatMap((step) => {
    const read = reading(step)
    return read === undefined ? [] : [{ x: step.users, y: middleOf(read) }]
  })

function ownMeans(run: Run, arm: string): ArmPoint[] {
  const steps = new Set(run.configuration.users)
  return levels(run, arm)
    .filter(({ users }) => steps.has(users))
    .flatMap((level) => {
      const found = measuredAt(level, (stage) => responseMs(stage, 'mean'), latencyEstimate)
      return found ? [{ x: level.users, y: found.mean, bar: found.interval }] : []
    })
}

/** The running means of all trials of an arm, averaged at each step. */
function averaged({ trials }: Run, arm: string, fromUsers: number | undefined): Point[] {
  const all = trials.flatMap((trial): RunningPoint[] =>
    trial.arm === arm ? runningMeans(trial.stages, fromUsers) : [],
  )
  // In short trials each has some of the steps.
  return [...Map.groupBy(all, ({ users }) => users)]
    .map(([x, points]) => ({ x, y: mean(points.map((point) => point.ms)) }))
    .toSorted((a, b) => a.x - b.x)
}

/** px. What a panel takes, and what is beside its plot. */
const [PANEL_HEIGHT, LEFT, GAP, BELOW] = [284, 44, 14, 70]

function drawn(
  run: Studied<Run>,
  study: Study,
  panels: readonly Panel[],
  columns: number,
  width: number,
): string {
  const { id, ramp, registration } = study
  const names = {
    there: { running: `${id}, running mean`, own: `${id}, own mean` },
    here: { running: 'here, running mean', own: 'here, own mean' },
  }
  const legend = [names.there.running, names.there.own, names.here.running, names.here.own]
  const top = plotTop({ width, height: 0 }, legend)
  const rows = Math.ceil(panels.length / columns)
  const size: Size = { width, height: top + rows * PANEL_HEIGHT }
  const cell = (width - GAP) / columns
  const users = [
    ...run.configuration.users,
    ...panels.flatMap(({ there }) => there.own.map(({ x }) => x)),
  ]
  const most = Math.max(...users) + 5
  const { threshold } = registration
  return draw(
    {
      ...frame(size, legend),
      grid: panels.map((_, at) => ({
        left: (at % columns) * cell + LEFT,
        width: cell - LEFT - GAP,
        top: top + Math.floor(at / columns) * PANEL_HEIGHT + 10,
        height: PANEL_HEIGHT - 10 - BELOW,
      })),
      xAxis: panels.map((_, gridIndex) => ({
        ...linearAxis('users', true, { min: 0, max: most }),
        gridIndex,
      })),
      yAxis: panels.map(({ arm }, gridIndex) => ({
        ...linearAxis(`${arm}, ms`, false, { min: 0, max: ramp.chartMostMs }),
        gridIndex,
      })),
      series: panels.flatMap(({ there, here }, axis) => {
        const on = { xAxisIndex: axis, yAxisIndex: axis }
        const bars = inside(here.own, ramp.chartMostMs).flatMap(({ x, bar }): Bar[] =>
          bar ? [[x, bar.low, bar.high]] : [],
        )
        return [
          thresholdLine(threshold.ms, `${threshold.ms} ms`, on),
          line(names.there.running, there.running, 'running', true),
          line(names.there.own, there.own, 'own', true),
          line(names.here.running, inside(here.running, ramp.chartMostMs), 'running', false),
          line(names.here.own, inside(here.own, ramp.chartMostMs), 'own', false),
          { ...errorBars(bars, READING_COLOURS.own) },
        ].map((series) => ({ ...series, ...on }))
      }),
    },
    size,
  )
}

/** Hollow markers on a dotted line for what was there, filled ones on a solid line for what is here. */
function line(
  name: string,
  points: readonly Point[],
  reading: keyof typeof READING_COLOURS,
  isThere: boolean,
): object {
  const colour = READING_COLOURS[reading]
  return {
    type: 'line',
    name,
    data: points.map(({ x, y }) => [x, y]),
    symbol: reading === 'own' ? 'circle' : 'diamond',
    symbolSize: isThere ? 10 : 8,
    showAllSymbol: true,
    itemStyle: isThere
      ? { color: INK.paper, borderColor: colour, borderWidth: 2 }
      : { color: colour },
    lineStyle: { color: colour, width: isThere ? 1.5 : 2, type: isThere ? 'dotted' : 'solid' },
    silent: true,
    z: isThere ? 4 : 3,
  }
}

/** The part of a line that is inside the chart: it ends where it leaves it, and bars end at its edge. */
function inside(points: readonly (Point & Partial<ArmPoint>)[], mostMs: number): ArmPoint[] {
  const leaves = points.findIndex(({ y }) => y > mostMs)
  const shown = leaves < 0 ? points : points.slice(0, leaves)
  const [last, next] = [shown.at(-1), leaves < 0 ? undefined : points[leaves]]
  const share = last && next ? (mostMs - last.y) / (next.y - last.y) : null
  const edge =
    last && next && share !== null
      ? [{ x: last.x + (next.x - last.x) * share, y: mostMs, bar: null }]
      : []
  const bars = shown.map(({ x, y, bar }) => ({
    x,
    y,
    bar: bar ? { low: Math.max(0, bar.low), high: Math.min(mostMs, bar.high) } : null,
  }))
  return [...bars, ...edge]
}
