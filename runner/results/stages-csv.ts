import type { Figures } from '../measurement/figures.ts'
import { endpointsOf, type Run } from '../measurement/run.ts'
import { PARTS, type Stage } from '../measurement/stage.ts'
import { csvText, type CsvValue } from './csv.ts'

type Trial = Run['trials'][number]

const FIGURES = [
  'requests',
  'throughputPerS',
  'meanMs',
  'p50Ms',
  'p90Ms',
  'p95Ms',
  'p99Ms',
  'maxMs',
] as const

const HEAD = [
  'arm trial order kind users thinkMinMs thinkMaxMs warmUpS holdS startedAt valid endpoint',
  ...FIGURES,
  'failed errors',
  ...PARTS.map((part) => `${part}Cores ${part}UsPerRequest ${part}ThrottledRatio`),
  'connectionsPerRequest littlesLawResidual drift reasons waitedMeanMs waitedP95Ms',
].flatMap((names) => names.split(' '))

/**
 * stages.csv: a row for each stage and endpoint, `all` first. What belongs to the whole stage stands
 * in its `all` row alone, so that a column can be summed. An empty field is an unknown figure.
 */
export function stagesCsv(run: Run): string {
  const endpoints = endpointsOf(run)
  const rows = run.trials.flatMap((trial) =>
    trial.stages.flatMap((stage) => stageRows(trial, stage, endpoints)),
  )
  return csvText(HEAD, rows)
}

function stageRows(trial: Trial, stage: Stage, endpoints: readonly string[]): CsvValue[][] {
  const { kind, users, thinkMs, warmUpS, holdS, startedAt, validity } = stage
  const key = [trial.arm, trial.index, trial.order, kind, users, thinkMs.min, thinkMs.max, warmUpS]
  const begin: CsvValue[] = [...key, holdS, startedAt, validity.valid]
  const whole: CsvValue[] = [
    ...PARTS.flatMap((part) => {
      const cpu = stage.cpu[part]
      return [cpu?.cores, cpu?.usPerRequest, cpu?.throttledRatio]
    }),
    stage.connectionsPerRequest,
    stage.littlesLaw.residual,
    stage.drift,
    validity.reasons.map(({ check }) => check).join(' '),
    stage.waited?.meanMs ?? stage.meanWithTimeoutsMs,
    stage.waited?.p95Ms,
  ]
  const empty = whole.map(() => null)
  return [
    [...begin, 'all', ...figureValues(stage.all), ...whole],
    ...endpoints.flatMap((name) => {
      const figures = stage.endpoints[name]
      return figures === undefined ? [] : [[...begin, name, ...figureValues(figures), ...empty]]
    }),
  ]
}

function figureValues(figures: Figures): CsvValue[] {
  // An aborted journey is not a request of its own: its failed request has been counted.
  const failures = Object.entries(figures.errors).filter(([name]) => name !== 'journey-aborted')
  const failed = failures.reduce((sum, [, count]) => sum + count, 0)
  const classes = Object.entries(figures.errors).map(([name, count]) => `${name}=${count}`)
  return [...FIGURES.map((name) => figures[name]), failed, classes.join(' ')]
}
