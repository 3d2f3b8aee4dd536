import type { Run } from '../../measurement/run.ts'
import { PARTS, type Stage } from '../../measurement/stage.ts'
import { knowsWaits, responseMs } from '../../analysis/crossing/estimate.ts'
import { geometricMean } from '../../analysis/statistics/moments.ts'
import { amount, cell, type Cell, type Column, cores, ms, type Sheet, times } from '../sheet.ts'

const figure = (head: string, unit?: string): Column =>
  unit ? { head, unit, kind: 'figure' } : { head, kind: 'figure' }

const COLUMNS: readonly Column[] = [
  figure('users'),
  figure('req/s'),
  ...['mean', 'p50', 'p90', 'p95', 'p99', 'max'].map((head) => figure(head, 'ms')),
  figure('errors'),
  ...PARTS.map((part) => figure(part, 'cores')),
  figure('valid'),
]

/** One arm through its ramp: stages by figures, a row a stage of every trial. */
export function armSheet(run: Run, arm: string): Sheet {
  const { thresholdMs, thresholdOn, arms, trials } = run.configuration
  const mode = arms.find(({ name }) => name === arm)?.mode
  const several = trials > 1
  const rows = run.trials
    .filter((trial) => trial.arm === arm)
    .flatMap((trial) =>
      trial.stages
        .toSorted((a, b) => a.users - b.users)
        .map((stage) => [
          ...(several ? [cell(String(trial.index + 1))] : []),
          ...stageCells(stage, thresholdMs, thresholdOn),
        ]),
    )
  const kinds = new Set(
    run.trials.flatMap((trial) => (trial.arm === arm ? trial.stages.map(({ kind }) => kind) : [])),
  )
  return {
    title: mode && mode !== arm ? `${arm} (${mode})` : arm,
    notes: [
      ...(rows.length === 0 ? ['no stage was measured'] : []),
      `▲ ${thresholdOn} at or over ${thresholdMs} ms${kinds.has('probe') ? '; * probe of the search' : ''}`,
      ...(kinds.has('control')
        ? [`† the first step again at the trial’s end${carryOver(run, arm)}`]
        : []),
      ...answeredNote(run, arm),
    ],
    keys: several ? 2 : 1,
    columns: several ? [figure('trial'), ...COLUMNS] : COLUMNS,
    rows,
  }
}

/** A mean that differs from that of the good answers by so many ms is shown beside it. */
const DIFFERS_MS = 0.5

/** Where users waited for what was no good answer: what the mean of the others is, at most off by that. */
function answeredNote(run: Run, arm: string): string[] {
  const stages = run.trials.filter((trial) => trial.arm === arm).flatMap((trial) => trial.stages)
  const off = (stage: Stage) => (responseMs(stage, 'mean') ?? 0) - (stage.all.meanMs ?? 0)
  const [most] = stages.toSorted((a, b) => off(b) - off(a))
  if (!most || off(most) < DIFFERS_MS) return []
  return [
    (knowsWaits(run.trials)
      ? 'mean and p95: what users waited, also for a failure or a time-out; the rest: of the good answers alone, '
      : 'mean: with what users waited for a time-out; the rest: of the good answers alone, ') +
      `whose mean was ${ms(most.all.meanMs)} ms at ${most.users} users, where the two differ most`,
  ]
}

const MARKS: Readonly<Record<Stage['kind'], string>> = { ramp: '', probe: '*', control: '†' }

/** How far the first step, measured again after the load, is from what it was before. */
function carryOver(run: Run, arm: string): string {
  const ratios = run.trials.flatMap((trial) => {
    if (trial.arm !== arm) return []
    const again = trial.stages.find(({ kind }) => kind === 'control')
    const first = trial.stages.find(({ kind, users }) => kind === 'ramp' && users === again?.users)
    if (!again?.validity.valid || !first?.validity.valid) return []
    const [before, after] = [responseMs(first, 'mean'), responseMs(again, 'mean')]
    return before && after ? [after / before] : []
  })
  if (ratios.length === 0) return ''
  return `: mean ${times(geometricMean(ratios))} times what it was before the load`
}

/** An invalid stage keeps its figures, to be looked into, but faint. */
function stageCells(stage: Stage, thresholdMs: number, on: 'mean' | 'p95'): Cell[] {
  const cells = figureCells(stage, thresholdMs, on)
  if (stage.validity.valid) return [...cells, cell('yes', 'good')]
  return [...cells.map(({ text }) => cell(text, 'muted')), cell('INVALID', 'bad')]
}

function figureCells(stage: Stage, thresholdMs: number, on: 'mean' | 'p95'): Cell[] {
  const { all, cpu, outcomes } = stage
  const timed = (name: string, value: number | null) =>
    name === on && value !== null && value >= thresholdMs
      ? cell(`▲ ${ms(value)}`, 'bad')
      : cell(ms(value))
  return [
    cell(`${stage.users}${MARKS[stage.kind]}`, 'strong'),
    cell(amount(all.throughputPerS)),
    timed('mean', responseMs(stage, 'mean')),
    cell(ms(all.p50Ms)),
    cell(ms(all.p90Ms)),
    timed('p95', responseMs(stage, 'p95')),
    cell(ms(all.p99Ms)),
    cell(ms(all.maxMs)),
    outcomes.failed > 0 ? cell(String(outcomes.failed), 'bad') : cell('0', 'muted'),
    ...PARTS.map((part) => cell(cores(cpu[part]?.cores))),
  ]
}
