import { endpointsOf, type Run } from '../../measurement/run.ts'
import { amount, cell, ms, type Sheet } from '../sheet.ts'

const TIMES = ['mean', 'p50', 'p90', 'p95', 'p99', 'max'] as const

/** One arm by step of the journey: a row a stage and endpoint. */
export function endpointsSheet(run: Run, arm: string): Sheet {
  const endpoints = endpointsOf(run)
  const trials = run.trials.filter((trial) => trial.arm === arm)
  return {
    title: `${arm} by endpoint`,
    notes: ['response time of successful requests'],
    keys: 3,
    columns: [
      { head: 'trial', kind: 'figure' },
      { head: 'users', kind: 'figure' },
      { head: 'endpoint', kind: 'name' },
      { head: 'requests', kind: 'figure' },
      { head: 'req/s', kind: 'figure' },
      ...TIMES.map((head) => ({ head, unit: 'ms', kind: 'figure' as const })),
      { head: 'errors', kind: 'name' },
    ],
    rows: trials.flatMap((trial) =>
      trial.stages.flatMap((stage) =>
        endpoints.flatMap((endpoint) => {
          const seen = stage.endpoints[endpoint]
          if (seen === undefined) return []
          const errors = Object.entries(seen.errors).map(([name, count]) => `${name} ${count}`)
          const row = [
            cell(String(trial.index + 1)),
            cell(`${stage.users}${stage.validity.valid ? '' : ' INVALID'}`),
            cell(endpoint),
            cell(String(seen.requests)),
            cell(amount(seen.throughputPerS)),
            ...TIMES.map((name) => cell(ms(seen[`${name}Ms`]))),
            cell(errors.join(', '), 'bad'),
          ]
          return [row]
        }),
      ),
    ),
  }
}
