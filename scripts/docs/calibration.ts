import type { Calibration, Statistics } from '../../runner/calibration/calibration.ts'
import type { LoadersCalibration } from '../../runner/calibration/loaders.ts'

type Reading = Readonly<{ truth: Statistics; measured: Statistics }>

/** How far off each instrument read, over all delays, as a table of Markdown. */
export function calibrationTable({ at, rows, stock, locust, ...rest }: Calibration): string {
  const counts = [...new Set(rows.map(({ users }) => users))]
  const own = counts.map((count) => {
    const these = rows.filter(({ users }) => users === count)
    return line('samehost', count, these, costOf(these))
  })
  const others = [...new Set(locust?.rows.map(({ client }) => client))].map((client) => {
    const these = locust?.rows.filter((row) => row.client === client) ?? []
    return line(`Locust's \`${client}\``, these[0]?.users ?? 0, these, costOf(these))
  })
  return [
    `Read on ${at.slice(0, 10)}, at delays of ${list(rows.map(({ delay }) => delay))}:`,
    '',
    '| instrument | users | mean off by at most, ms | p99 off by at most, ms | CPU-s for 1,000 requests |',
    '| --- | --: | --: | --: | --: |',
    ...own,
    ...others,
    line('autocannon, a rate for the think time', stock[0]?.users ?? 0, stock, null),
    '',
    verdict({ rows, ...rest }),
  ].join('\n')
}

/** What several processes read together, a row for each number of users and delay. */
export function loadersTable({ at, loaders, thinkMs, rows }: LoadersCalibration): string {
  const off = ({ truth, measured }: Reading, statistic: 'meanMs' | 'p99Ms'): string =>
    Math.abs(measured[statistic] - truth[statistic]).toFixed(2)
  return [
    `Read on ${at.slice(0, 10)}: ${loaders} processes, users who pause ${thinkMs} ms.`,
    '',
    '| users | delay | requests | mean off by, ms | p99 off by, ms | think time off by | cores of the busiest | users a core | bounds |',
    '| --: | --- | --: | --: | --: | --: | --: | --: | --- |',
    ...rows.map((row) => {
      const think = Math.abs(row.thinkTrueMs / row.thinkNominalMs - 1)
      const cells = [row.users, row.delay, row.requests, off(row, 'meanMs'), off(row, 'p99Ms')]
      const cost = [`${(100 * think).toFixed(2)} %`, row.busiestCores.toFixed(2)]
      const held = row.breaches.length === 0 ? 'held' : row.breaches.join('; ')
      return `| ${[...cells, ...cost, row.usersPerCore.toFixed(0), held].join(' | ')} |`
    }),
  ].join('\n')
}

function verdict({
  rows,
  saturation,
  faults,
}: Pick<Calibration, 'rows' | 'saturation' | 'faults'>): string {
  const broken = [
    ...rows.flatMap(({ users, delay, breaches }) =>
      breaches.map((breach) => `${users} users, ${delay}: ${breach}`),
    ),
    ...saturation.breaches,
    ...faults.flatMap(({ fault, passed }) => (passed ? [] : [`not all counted: ${fault}`])),
  ]
  if (broken.length === 0) return 'Every bound held.'
  return `Bounds that did not hold (all others did): ${broken.join('; ')}.`
}

function line(
  name: string,
  users: number,
  readings: readonly Reading[],
  cost: number | null,
): string {
  const worst = (statistic: 'meanMs' | 'p99Ms'): string =>
    Math.max(
      ...readings.map(({ truth, measured }) => Math.abs(measured[statistic] - truth[statistic])),
    ).toFixed(2)
  return `| ${name} | ${users} | ${worst('meanMs')} | ${worst('p99Ms')} | ${cost?.toFixed(3) ?? '–'} |`
}

/** CPU seconds for 1,000 requests, over all of them. */
function costOf(rows: readonly Readonly<{ requests: number; cpuSPer1000: number }>[]): number {
  const requests = rows.reduce((sum, row) => sum + row.requests, 0)
  return rows.reduce((sum, row) => sum + row.cpuSPer1000 * row.requests, 0) / requests
}

function list(delays: readonly string[]): string {
  const names = [...new Set(delays)].map((delay) =>
    delay === 'mix' ? 'a mix of 5 and 50 ms' : delay.replace('ms', ' ms'),
  )
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
