import {
  equalLoad,
  equalUtilisation,
  type Level,
  meanAt,
  UTILISATION,
} from '../../analysis/levels.ts'
import type { Run } from '../../measurement/run.ts'
import { OTHERS, PARTS, type Stage } from '../../measurement/stage.ts'
import { testbedLine } from '../headline.ts'
import { amount, cell, type Column, perRequest, type Sheet, us } from '../sheet.ts'

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

/** What one request costs each part, at the most users that every arm served validly on the ramp. */
export function costSheet(run: Run): Sheet {
  const { shared, arms } = equalLoad(run)
  const rows = arms.map(({ arm, level }) => [
    cell(arm, 'strong'),
    ...costs(level).map((text) => cell(text)),
  ])
  return {
    title: 'Cost per request: CPU microseconds of each part, new database connections',
    notes: [
      testbedLine(run),
      'window: what reads the engine for the runner; rest: all else on the machine, the engine included',
      shared !== null
        ? `at equal load: ${shared} users`
        : 'no step is valid in every arm: each at its own last one',
    ],
    columns: [{ head: 'arm', kind: 'name' }, ...HEADS.map(column)],
    rows,
  }
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
    ...costSheet(run),
    title: `Cost per request at equal utilisation: each arm near ${percent} % of its own ceiling`,
    notes: [
      testbedLine(run),
      `the level nearest to ${percent} % of the ceiling; mean over the trials that held it`,
      'an arm that was not held near that is left out',
    ],
    rows: equalUtilisation(run, ceilings).map(({ arm, level }) => [
      cell(arm, 'strong'),
      ...costs(level).map((text) => cell(text)),
    ]),
  }
}

function column(head: (typeof HEADS)[number]): Column {
  const unit = UNITS[head]
  return unit ? { head, unit, kind: 'figure' } : { head, kind: 'figure' }
}

const part = (name: (typeof PARTS | typeof OTHERS)[number]) => (stage: Stage) =>
  stage.cpu[name]?.usPerRequest

function costs(level: Level): string[] {
  const [app, db] = [meanAt(level, part('app')), meanAt(level, part('db'))]
  return [
    amount(level.users),
    amount(meanAt(level, ({ all }) => all.throughputPerS)),
    ...[...PARTS, ...OTHERS].map((name) => us(meanAt(level, part(name)))),
    us(app === null || db === null ? null : app + db),
    perRequest(meanAt(level, (stage) => stage.connectionsPerRequest)),
  ]
}
