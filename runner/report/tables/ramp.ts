import { responseMs } from '../../analysis/crossing/estimate.ts'
import { armNames, type Level, levels, meanAt } from '../../analysis/levels.ts'
import { chartCrossing, runningMeans } from '../../analysis/running-mean.ts'
import { geometricMean } from '../../analysis/statistics/moments.ts'
import type { Run } from '../../measurement/run.ts'
import type { Stage } from '../../measurement/stage.ts'
import type { Studied } from '../../measurement/study.ts'
import { usersOfStudy } from '../../plan/hosts.ts'
import { testbedLine } from '../method.ts'
import { amount, cell, type Cell, ms, NONE, range, type Sheet } from '../sheet.ts'

/** More arms than that are shown by the response time that crosses alone. */
const MOST_IN_FULL = 4

type Row = Readonly<{
  name: string
  figure: (stage: Stage) => number | null | undefined
  show: (value: number | null) => string
  /** Is the threshold on it? */
  crosses: boolean
  /** Where it reaches the threshold. */
  at: (run: Run, arm: string) => string
}>

/** All arms over one ramp, at every step of it, with where each crosses. */
export function rampSheet(run: Studied<Run>): Sheet {
  const { thresholdMs, thresholdOn, trials, users, rampFactor } = run.configuration
  const { study } = run
  const arms = armNames(run)
  const steps = [...new Set(users)].toSorted((a, b) => a - b)
  const known = run.trials.some(({ stages }) => stages.some(({ sinceStart }) => sinceStart))
  const counts = arms.flatMap((arm) =>
    levels(run, arm).flatMap(({ users: at, valid }) =>
      steps.includes(at) && valid.length > 0 ? [valid.length] : [],
    ),
  )
  // One stage has no spread; where each figure is of one, a sentence says it better than a mark at each.
  const marked = counts.some((count) => count > 1) ? SINGLE : ''
  const rows = arms.length > MOST_IN_FULL ? [responseRow(thresholdOn)] : rowsOf(thresholdOn, known)
  const there = (count: number): { unit?: string } =>
    study && rampFactor !== undefined
      ? { unit: `${study.id} ${Math.round(count / usersOfStudy(rampFactor, study))}` }
      : {}
  return {
    title: `The arms side by side, at each step of the ramp`,
    notes: [
      testbedLine(run),
      `▲ at or over ${thresholdMs} ms; ${thresholdMs} ms at: users at which it is reached, with its 95 % interval${
        trials > 1 && marked !== '' ? '; mean over the valid stages of all trials' : ''
      }`,
      ...singleText(counts),
      ...(known && rows.length > 1
        ? ['running mean: since the trial began, as some load tools chart it; it passes later']
        : []),
    ],
    keys: 2,
    columns: [
      { head: 'arm', kind: 'name' },
      { head: 'figure', kind: 'name' },
      ...steps.map((count) => ({
        head: `${count} users`,
        ...there(count),
        kind: 'figure' as const,
      })),
      { head: `${thresholdMs} ms at`, unit: 'users', kind: 'figure' },
    ],
    rows: arms.flatMap((arm) => {
      const found = levels(run, arm)
      return rows.map((row, at) => [
        cell(arm, 'strong'),
        cell(row.name),
        ...steps.map((count) =>
          stepCell(
            row,
            found.find((level) => level.users === count),
            { thresholdMs, marked: at === 0 ? marked : '' },
          ),
        ),
        cell(row.at(run, arm), row.crosses ? 'strong' : undefined),
      ])
    }),
  }
}

const responseRow = (on: 'mean' | 'p95'): Row => ({
  name: `${on}, ms`,
  figure: (stage) => responseMs(stage, on),
  show: ms,
  crosses: true,
  at: ({ crossings }, arm) => {
    const crossing = crossings.find((one) => one.arm === arm)
    if (!crossing || crossing.users === null) return NONE
    const reach = crossing.interval === null ? '' : ` (${range(crossing.interval, amount)})`
    return `${amount(crossing.users)}${reach}`
  },
})

/** The one that crosses first. @param known is a running mean? */
function rowsOf(on: 'mean' | 'p95', known: boolean): Row[] {
  const other = on === 'mean' ? 'p95' : 'mean'
  const nowhere = () => ''
  return [
    responseRow(on),
    ...(known ? [RUNNING] : []),
    {
      name: `${other}, ms`,
      figure: (stage) => responseMs(stage, other),
      show: ms,
      crosses: false,
      at: nowhere,
    },
    {
      name: 'requests/s',
      figure: ({ all }) => all.throughputPerS,
      show: amount,
      crosses: false,
      at: nowhere,
    },
  ]
}

const RUNNING: Row = {
  name: 'running mean, ms',
  figure: ({ kind, sinceStart }) => (kind === 'ramp' ? sinceStart?.meanMs : null),
  show: ms,
  crosses: true,
  at: ({ trials, configuration: { thresholdMs } }, arm) => {
    const crossed = trials.flatMap(({ arm: own, stages }) =>
      own === arm ? (chartCrossing(runningMeans(stages), thresholdMs) ?? []) : [],
    )
    return crossed.length === 0 ? NONE : amount(geometricMean(crossed))
  },
}

/** After a figure that rests on a single stage. */
const SINGLE = '¹'

/** @param counts valid stages behind each figure */
function singleText(counts: readonly number[]): string[] {
  if (!counts.includes(1)) return []
  return [
    counts.some((count) => count > 1)
      ? `${SINGLE} of a single stage, so without an interval`
      : 'each figure at a step is of a single stage, so without an interval; the crossing rests on all stages',
  ]
}

function stepCell(
  row: Row,
  level: Level | undefined,
  { thresholdMs, marked }: Readonly<{ thresholdMs: number; marked: string }>,
): Cell {
  if (!level) return cell(NONE, 'muted')
  if (level.valid.length === 0) return cell('INVALID', 'bad')
  const value = meanAt(level, row.figure)
  if (value === null) return cell(NONE, 'muted')
  const text = `${row.show(value)}${level.valid.length === 1 ? marked : ''}`
  return row.crosses && value >= thresholdMs ? cell(`▲ ${text}`, 'bad') : cell(text)
}
