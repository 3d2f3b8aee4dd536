import { responseMs } from '../analysis/crossing/estimate.ts'
import { endpointsOf, type Run } from '../measurement/run.ts'
import type { Stage } from '../measurement/stage.ts'
import type { Studied } from '../measurement/study.ts'
import { answerText } from './answer.ts'
import { amount, cell, ms, perRequest, type Sheet, us } from './sheet.ts'

const TIMES = ['mean', 'p50', 'p95', 'p99'] as const

/** The short answer of a probe: sentences, then what users met at each number of them, and at each step. */
export function probeAnswer(run: Studied<Run>): {
  sentences: readonly string[]
  sheets: readonly Sheet[]
} {
  const stages = run.trials.flatMap((trial) => trial.stages)
  const valid = stages.filter((stage) => stage.validity.valid)
  const sheets = stages.length === 0 ? [] : [usersSheet(stages), ...stepsSheet(run, valid)]
  return { sentences: [answerText(run), ...connectionsText(run, stages)], sheets }
}

/** From and up to which share of the requests it is said to open one for each. */
const [ONE, NONE_OF_THEM] = [0.9, 0.05]

/** Stages with one of these have requests that may not have reached the database, or figures that are not the service's. */
const UNCOUNTED = new Set(['errors', 'restarts', 'oom-kills', 'figures', 'trial'])

/**
 * Does the service open a connection for each request? Of all stages together, by the database: a stage that is INVALID
 * for its times, as on a busy machine, counts its connections all the same.
 */
function connectionsText(run: Run, stages: readonly Stage[]): string[] {
  if (run.configuration.databaseUrl === undefined) return []
  const figure = newConnections(stages)
  if (figure === null)
    return ['Whether it opens a connection for each request is not known: none were counted.']
  const told = figure >= ONE ? 'yes' : figure <= NONE_OF_THEM ? 'no' : 'for some of them'
  return [
    `Opens a connection for each request: ${told} (${perRequest(figure)} new connections a request, counted by the database).`,
  ]
}

/** New connections a request, over all requests of these stages; null where none were counted. */
export function newConnections(stages: readonly Stage[]): number | null {
  const counted = stages.filter(
    ({ connectionsPerRequest, validity }) =>
      connectionsPerRequest !== null && !validity.reasons.some(({ check }) => UNCOUNTED.has(check)),
  )
  const sent = counted.reduce((sum, { outcomes }) => sum + outcomes.sent, 0)
  const opened = counted.reduce(
    (sum, { outcomes, connectionsPerRequest }) =>
      sum + outcomes.sent * (connectionsPerRequest ?? 0),
    0,
  )
  return sent === 0 ? null : opened / sent
}

function usersSheet(stages: readonly Stage[]): Sheet {
  const hasCpu = stages.some(({ cpu }) => cpu.app)
  return {
    title: 'by number of users',
    notes: [],
    columns: [
      { head: 'users', kind: 'figure' },
      { head: 'req/s', kind: 'figure' },
      ...TIMES.map((head) => ({ head, unit: 'ms', kind: 'figure' as const })),
      { head: 'failed', kind: 'figure' },
      ...(hasCpu ? [{ head: 'CPU', unit: 'us a request', kind: 'figure' as const }] : []),
      { head: 'valid', kind: 'name' },
    ],
    rows: stages
      .toSorted((a, b) => a.users - b.users)
      .map((stage) => [
        cell(String(stage.users), 'strong'),
        cell(amount(stage.all.throughputPerS)),
        cell(ms(responseMs(stage, 'mean'))),
        cell(ms(stage.all.p50Ms)),
        cell(ms(responseMs(stage, 'p95'))),
        cell(ms(stage.all.p99Ms)),
        cell(String(stage.outcomes.failed)),
        ...(hasCpu ? [cell(us(stage.cpu.app?.usPerRequest))] : []),
        stage.validity.valid
          ? cell('yes', 'good')
          : cell(`INVALID: ${stage.validity.reasons.map(({ check }) => check).join(', ')}`, 'bad'),
      ]),
  }
}

/** Each step where the service is busy and not yet past the threshold: at the most users of those. */
function stepsSheet(run: Run, valid: readonly Stage[]): Sheet[] {
  const { thresholdMs, thresholdOn } = run.configuration
  const below = valid.filter((stage) => (responseMs(stage, thresholdOn) ?? Infinity) < thresholdMs)
  const [shown] = (below.length > 0 ? below : valid).toSorted((a, b) =>
    below.length > 0 ? b.users - a.users : a.users - b.users,
  )
  if (shown === undefined) return []
  return [
    {
      title: `by step at ${shown.users} users`,
      notes: [],
      columns: [
        { head: 'step', kind: 'name' },
        { head: 'req/s', kind: 'figure' },
        ...TIMES.map((head) => ({ head, unit: 'ms', kind: 'figure' as const })),
      ],
      rows: endpointsOf(run).flatMap((endpoint) => {
        const seen = shown.endpoints[endpoint]
        if (seen === undefined) return []
        return [
          [
            cell(endpoint),
            cell(amount(seen.throughputPerS)),
            ...TIMES.map((name) => cell(ms(seen[`${name}Ms`]))),
          ],
        ]
      }),
    },
  ]
}
