import Table from 'cli-table3'
import { geometricMean } from '../analysis/statistics/moments.ts'
import type { Calibration, CalibrationRow, LocustRow, Statistics } from './calibration.ts'
import type { LoadersCalibration } from './loaders.ts'

const PLAIN = { style: { head: [], border: [] } }

/** The calibration as text, at most 100 columns wide, without colours. */
export function calibrationText(calibration: Calibration): string {
  const { floor, passed, short } = calibration
  return [
    `Calibration of ${calibration.at}, Node ${calibration.node}${short ? ' (short)' : ''}`,
    'In ms: the service time that the server logged, and how far off from it was measured',
    accuracyTable(calibration),
    `A bare socket reads ${ms(floor.p50Ms)} ms (p99 ${ms(floor.p99Ms)}) at 0 ms: nothing is subtracted.`,
    ...breachLines(calibration.rows),
    ...calibration.saturation.breaches.map((breach) => `! without think time: ${breach}`),
    '',
    'What was injected, and what was counted for it',
    faultTable(calibration),
    '',
    'Cost',
    costTable(calibration),
    pacedLine(calibration),
    '',
    'The same server read by autocannon as it stands (a rate for think time; its p97.5 for p95)',
    stockTable(calibration),
    '',
    ...locustLines(calibration),
    passed ? 'PASSED: every bound holds.' : 'FAILED: see the lines that are marked.',
  ].join('\n')
}

/** Several loaders as text, at most 100 columns wide, without colours. */
export function loadersText(calibration: LoadersCalibration): string {
  const { at, node, loaders, thinkMs, passed, rows } = calibration
  return [
    `Calibration of ${at}, Node ${node}: ${loaders} loaders, each on a server of its own;`,
    `users pause ${thinkMs} ms between requests`,
    'In ms: the service time that the servers logged, and how far off from it was measured',
    accuracyTable({ rows }),
    ...breachLines(rows),
    '',
    'Cost: of all loaders together; cores and memory of the busiest, the event loop of the latest',
    tableOf(
      ['users', 'delay', 'requests', "Little's", 'users/core', 'cores', 'loop p99', 'MB'],
      rows.map((row) => [
        String(row.users),
        row.delay,
        `${row.requests}`,
        `${signed((row.expectedUsers / row.users - 1) * 100)} %`,
        row.usersPerCore.toFixed(0),
        row.busiestCores.toFixed(2),
        ms(row.eventLoopDelayP99Ms),
        row.memoryMb.toFixed(0),
      ]),
    ),
    passed ? 'PASSED: every bound holds.' : 'FAILED: see the lines that are marked.',
  ].join('\n')
}

const STATISTICS: readonly (keyof Statistics)[] = ['meanMs', 'p50Ms', 'p95Ms', 'p99Ms']
const NAMES = ['mean', 'p50', 'p95', 'p99']

function accuracyTable({ rows }: Readonly<{ rows: readonly CalibrationRow[] }>): string {
  const head = ['users', 'delay', ...NAMES, 'think', '']
  return tableOf(
    head,
    rows.map((row) => [
      String(row.users),
      row.delay,
      ...STATISTICS.map((name) => beside(row.measured[name], row.truth[name])),
      `${signed((row.thinkTrueMs / row.thinkNominalMs - 1) * 100)} %`,
      markOf(row),
    ]),
  )
}

function pacedLine({ paced }: Calibration): string {
  const { throughputPerS, cpuSPer1000, wakeUs } = paced
  // Twice a request, a thousand times, in seconds.
  const wakingS = (2 * 1000 * wakeUs) / 1e6
  const cost = `At ${throughputPerS.toFixed(0)} requests/s: ${cpuSPer1000.toFixed(3)} CPU-s for 1,000`
  return `${cost}; waking an idle Node process twice for each: ${wakingS.toFixed(3)}.`
}

function breachLines(rows: readonly CalibrationRow[]): string[] {
  return rows.flatMap(({ users, delay, breaches }) =>
    breaches.map((breach) => `! ${users} users, ${delay}: ${breach}`),
  )
}

const faultTable = ({ faults }: Calibration): string =>
  tableOf(
    ['what', 'counted as', 'injected', 'counted', ''],
    faults.map(({ fault, countedAs, injected, counted, passed }) => [
      fault,
      countedAs,
      String(injected),
      String(counted),
      passed ? 'ok' : 'FAILED',
    ]),
  )

function costTable({ rows, saturation }: Calibration): string {
  const cells = rows.map((row) => [
    String(row.users),
    row.delay,
    String(row.requests),
    `${signed((row.expectedUsers / row.users - 1) * 100)} %`,
    row.cpuSPer1000.toFixed(3),
    row.cpuCores.toFixed(2),
    ms(row.eventLoopDelayP99Ms),
    row.memoryMb.toFixed(0),
  ])
  const { users, cpuSPer1000, throughputPerS } = saturation
  const saturated = [
    String(users),
    'no think',
    `${throughputPerS.toFixed(0)}/s`,
    '',
    cpuSPer1000.toFixed(3),
  ]
  return tableOf(
    ['users', 'delay', 'requests', "Little's", 'CPU-s/1000', 'cores', 'loop p99', 'MB'],
    [...cells, [...saturated, '', '', '']],
  )
}

const stockTable = ({ stock }: Calibration): string =>
  tableOf(
    ['users', 'delay', ...NAMES],
    stock.map(({ users, delay, measured, truth }) => [
      String(users),
      delay,
      ...STATISTICS.map((name) => beside(measured[name], truth[name])),
    ]),
  )

/** Ours among Locust's two, delay by delay: the same number of users, the same think time. */
function locustLines({ locust, rows: ours }: Calibration): string[] {
  if (locust === undefined) return []
  const rows = [...new Set(locust.rows.map(({ delay }) => delay))].flatMap((delay) => {
    const theirs = locust.rows.filter((row) => row.delay === delay)
    const { users } = theirs[0] ?? { users: Number.NaN }
    const own = ours.filter((row) => row.delay === delay && row.users === users)
    return [...own.map((row) => ({ ...row, client: 'samehost', failures: 0 })), ...theirs]
  })
  const cells = rows.map(({ client, delay, measured, truth, cpuSPer1000 }) => [
    client,
    delay,
    ...STATISTICS.map((name) => beside(measured[name], truth[name])),
    cpuSPer1000.toFixed(3),
  ])
  const users = locust.rows[0]?.users ?? 0
  return [
    `The same server read by ${locust.version}, ${users} users (it prints whole ms)`,
    tableOf(['client', 'delay', ...NAMES, 'CPU-s/1000'], cells),
    ...costRatioLines(locust.rows, ours),
    ...rows.flatMap(({ client, delay, failures }) =>
      failures === 0 ? [] : [`! ${client}, ${delay}: ${failures} requests failed`],
    ),
    '',
  ]
}

/** Read within one run at the same loads, ratios stay what they are on a machine that has a slow hour. */
function costRatioLines(theirs: readonly LocustRow[], ours: readonly CalibrationRow[]): string[] {
  const clients = Map.groupBy(theirs, ({ client }) => client)
  return [...clients].flatMap(([client, rows]) => {
    const ratios = rows.flatMap(({ delay, users, cpuSPer1000 }) => {
      const own = ours.find((row) => row.delay === delay && row.users === users)
      return own === undefined ? [] : [own.cpuSPer1000 / cpuSPer1000]
    })
    if (ratios.length === 0) return []
    const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) =>
      ratio.toFixed(2),
    )
    const mean = geometricMean(ratios).toFixed(2)
    return [`CPU of a request, samehost / ${client}: ${mean} (${least} to ${most} by delay).`]
  })
}

function tableOf(head: string[], rows: readonly string[][]): string {
  const table = new Table({ head, ...PLAIN })
  table.push(...rows)
  return table.toString()
}

const markOf = ({ breaches, saturated }: CalibrationRow): string =>
  breaches.length > 0 ? 'FAILED' : saturated ? 'saturated' : 'ok'

/** `10.13 +0.11`: the truth, and how far off the measured figure is. */
const beside = (measured: number, truth: number): string =>
  `${ms(truth)} ${signed(measured - truth)}`

const ms = (value: number): string => value.toFixed(2)

const signed = (value: number): string => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(2)}`
