import { type CostAt, equalThroughput } from '../../analysis/equal-throughput.ts'
import { equalUtilisation, meanAt, UTILISATION } from '../../analysis/levels.ts'
import type { Run } from '../../measurement/run.ts'
import { OTHERS, PARTS, type Stage } from '../../measurement/stage.ts'
import { amount, cell, type Column, NONE, perRequest, type Sheet, us } from '../sheet.ts'

const HEADS = ['users', 'req/s', ...PARTS, ...OTHERS, 'app + db', 'connections'] as const
const UNITS: Partial<Record<(typeof HEADS)[number], string>> = {
  app: 'µs',
  db: 'µs',
  nginx: 'µs',
  runner: 'µs',
  window: 'µs',
  rest: 'µs',
  'app + db': 'µs',
  connections: 'a request',
}

const COLUMNS: readonly Column[] = [{ head: 'arm', kind: 'name' }, ...HEADS.map(column)]

/** What one request costs each part where every arm serves as many a second, as far as it can. */
export function costSheet(run: Run): Sheet {
  const { perS, arms } = equalThroughput(run)
  const rows = arms.map((found) => [
    cell(found.arm, 'strong'),
    ...(found.known
      ? costs((figure) => found.at(figure)).map((text) => cell(text))
      : [
          cell(NONE, 'muted'),
          cell(reach(found, perS), 'muted'),
          ...HEADS.slice(2).map(() => cell(NONE, 'muted')),
        ]),
  ])
  const { thresholdMs } = run.configuration
  return {
    title: 'Cost per request: CPU microseconds of each part, new database connections',
    notes: [
      'window: what reads the engine for the runner; rest: all else on the machine, the engine included',
      perS === null
        ? `no arm was held with a mean below ${thresholdMs} ms`
        : `at equal throughput: ${amount(perS)} requests/s, read between the stages below ${thresholdMs} ms`,
      ...(arms.every(({ known }) => known)
        ? []
        : [
            'at most, from: an arm that was not held at that throughput below saturation has no cost there',
          ]),
    ],
    columns: COLUMNS,
    rows,
  }
}

/** Which throughput an arm was held at, where it is not that of the table. */
function reach({ held }: CostAt, perS: number | null): string {
  if (held === null || perS === null) return 'saturated'
  return held.most < perS ? `at most ${amount(held.most)}` : `from ${amount(held.least)}`
}

/** The same where every arm is as busy as the others: what a request costs grows with the load. */
export function busyCostSheet(run: Run): Sheet {
  const ceilings = new Map(
    run.crossings.flatMap(({ arm, state, ceilingPerS }) =>
      state === 'crossed' && ceilingPerS !== null ? [[arm, ceilingPerS] as const] : [],
    ),
  )
  const percent = 100 * UTILISATION
  return {
    columns: COLUMNS,
    title: `Cost per request at equal utilisation: each arm near ${percent} % of its own ceiling`,
    notes: [
      `the level nearest to ${percent} % of the ceiling; mean over the trials that held it`,
      'an arm that was not held near that is left out',
    ],
    rows: equalUtilisation(run, ceilings).map(({ arm, level }) => [
      cell(arm, 'strong'),
      ...costs((figure) => meanAt(level, figure)).map((text) => cell(text)),
    ]),
  }
}

function column(head: (typeof HEADS)[number]): Column {
  const unit = UNITS[head]
  return unit ? { head, unit, kind: 'figure' } : { head, kind: 'figure' }
}

const part = (name: (typeof PARTS | typeof OTHERS)[number]) => (stage: Stage) =>
  stage.cpu[name]?.usPerRequest

function costs(
  at: (figure: (stage: Stage) => number | null | undefined) => number | null,
): string[] {
  const [app, db] = [at(part('app')), at(part('db'))]
  return [
    amount(at(({ users }) => users)),
    amount(at(({ all }) => all.throughputPerS)),
    ...[...PARTS, ...OTHERS].map((name) => us(at(part(name)))),
    us(app === null || db === null ? null : app + db),
    perRequest(at((stage) => stage.connectionsPerRequest)),
  ]
}
