import { responseMs } from '../../runner/analysis/crossing/estimate.ts'
import { modeOf, UTILISATION } from '../../runner/analysis/levels.ts'
import { mean } from '../../runner/analysis/statistics/moments.ts'
import { type ByTrial, confidence, overTrials } from '../../runner/analysis/statistics/trials.ts'
import { difference } from '../../runner/analysis/statistics/welch.ts'
import type { Run } from '../../runner/measurement/run.ts'
import type { Stage } from '../../runner/measurement/stage.ts'
import { ms, NONE } from '../../runner/report/sheet.ts'
import { judgedRecord, newestRecord } from '../records.ts'
import { markdownTable } from './markdown-table.ts'
import { type Block, sourceOf } from './run-blocks.ts'

/** What one connection to the database costs, in CPU, time and round trips: of the newest record of each group. */
export const CONNECTION_BLOCKS: Readonly<Record<string, Block>> = {
  /** `PREFIX PREFIX`: what a new connection costs beside a kept one, a line for each pair of arms. */
  async connection(prefixes, place) {
    const tables = prefixes.split(' ').map(async (prefix) => {
      const run = await judgedRecord(await newestRecord(prefix))
      const from = await sourceOf(prefix, place)
      const group = prefix.replace(/^factor-/, '')
      return pairsOf(run).map((pair) => [pair.what ?? group, ...costOf(run, pair), from])
    })
    const head = [
      'connection',
      'kept, ms of CPU',
      'new, ms of CPU',
      '**a connection, ms of CPU** (95 % interval)',
      'of it the database',
      'an order waits longer, ms',
      'host of the app, run',
    ]
    return markdownTable(head, (await Promise.all(tables)).flat())
  },

  /** `PREFIX`: how many round trips an order takes, with a kept and with a new connection. */
  async trips(prefix, place) {
    const run = await judgedRecord(await newestRecord(prefix))
    const [kept = NaN, fresh = NaN] = (['pooled', 'per-request'] as const).map((mode) =>
      slope(
        run.configuration.arms
          .filter(({ name }) => modeOf(run, name) === mode)
          .flatMap(({ name }) => orderByRoundTrip(run, name)),
      ),
    )
    return (
      `Each millisecond of distance adds ${kept.toFixed(1)} ms to an order with a kept connection and ` +
      `${fresh.toFixed(1)} ms with a new one: a connection takes about ${(fresh - kept).toFixed(1)} round trips ` +
      `(slopes of the order's median against the measured round trip, ${await sourceOf(prefix, place)}).`
    )
  },
}

type Pair = Readonly<{ what: string | null; kept: string; fresh: string }>

/** Arms of one level that were made of one that keeps connections and of one that does not; else the first of each mode. */
function pairsOf(run: Run): Pair[] {
  const { arms } = run.configuration
  const isFresh = (arm: string) => arm.endsWith('per-request')
  const pairs = arms.flatMap((one): Pair[] => {
    if (one.from === undefined || one.level === undefined || isFresh(one.from)) return []
    const other = arms.find(
      ({ level, from }) => level === one.level && from !== undefined && isFresh(from),
    )
    const what = `${LABELS[one.factor ?? ''] ?? ''}${one.level}`
    return other ? [{ what, kept: one.name, fresh: other.name }] : []
  })
  if (pairs.length > 0) return pairs
  const kept = arms.find(({ name }) => modeOf(run, name) !== 'per-request')
  const fresh = arms.find(({ name }) => modeOf(run, name) === 'per-request')
  if (kept === undefined || fresh === undefined) return []
  return [
    {
      what: kept.factor === undefined ? 'the default run, md5' : null,
      kept: kept.name,
      fresh: fresh.name,
    },
  ]
}

/** What goes before a level that does not say what it is of. */
const LABELS: Readonly<Record<string, string>> = { 'PgBouncer, pool mode': 'PgBouncer: ' }

/** A stage within this factor of the utilisation at which arms are compared stands for it. */
const ABOUT = 1.4

const cpuMs = (stage: Stage, part: 'app' | 'db'): number | null => {
  const us = stage.cpu[part]?.usPerRequest
  return typeof us === 'number' ? us / 1000 : null
}

const bothMs = (stage: Stage): number | null => {
  const [app, db] = [cpuMs(stage, 'app'), cpuMs(stage, 'db')]
  return app === null || db === null ? null : app + db
}

function costOf(run: Run, { kept, fresh }: Pair): string[] {
  const at = (arm: string, figure: (stage: Stage) => number | null) =>
    byTrial(run, arm, busyStage, figure)
  const shown = (values: ByTrial) => ms(values.size === 0 ? null : mean([...values.values()]))
  const [a, b] = [at(kept, bothMs), at(fresh, bothMs)]
  const more = moreText(b, a)
  const [dbKept, dbFresh] = [at(kept, (s) => cpuMs(s, 'db')), at(fresh, (s) => cpuMs(s, 'db'))]
  const order = ({ endpoints }: Stage) => endpoints['place-order']?.p50Ms ?? null
  const waits = moreText(
    byTrial(run, fresh, leastStage, order),
    byTrial(run, kept, leastStage, order),
  )
  return [shown(a), shown(b), `**${more}**`, moreText(dbFresh, dbKept), waits]
}

/** Of means over trials; its interval is Welch's, from three trials of both on. */
function moreText(over: ByTrial, under: ByTrial): string {
  if (over.size === 0 || under.size === 0) return NONE
  const [above, below] = [[...over.values()], [...under.values()]]
  const value = mean(above) - mean(below)
  const [a, b] = [overTrials(above), overTrials(below)]
  if (!a || !b) return value.toFixed(1)
  const [low, high] = confidence(difference(a, b))
  return `${value.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`
}

type Chosen = (run: Run, arm: string, stages: readonly Stage[]) => Stage | null

/** One figure of each trial, of the stage that stands for it. */
function byTrial(
  run: Run,
  arm: string,
  chosen: Chosen,
  figure: (stage: Stage) => number | null,
): ByTrial {
  const { thresholdMs } = run.configuration
  const found = run.trials.flatMap((trial): [number, number][] => {
    if (trial.arm !== arm) return []
    const calm = trial.stages.filter(
      (stage) =>
        stage.kind !== 'control' &&
        stage.validity.valid &&
        (responseMs(stage, 'mean') ?? Infinity) < thresholdMs,
    )
    const stage = chosen(run, arm, calm)
    const value = stage === null ? null : figure(stage)
    return value === null ? [] : [[trial.index, value]]
  })
  return new Map(found)
}

/** As busy as the other arms: nearest to 70 % of its arm's own ceiling. */
const busyStage: Chosen = (run, arm, stages) => {
  const ceiling = run.crossings.find((one) => one.arm === arm)?.ceilingPerS
  if (typeof ceiling !== 'number') return null
  const away = ({ all }: Stage) => Math.abs(Math.log(all.throughputPerS / (UTILISATION * ceiling)))
  const [nearest] = stages.toSorted((a, b) => away(a) - away(b))
  return nearest !== undefined && away(nearest) <= Math.log(ABOUT) ? nearest : null
}

/** Where nobody queues, as far as the trial has it. */
const leastStage: Chosen = (_, __, stages) =>
  stages.toSorted((a, b) => a.users - b.users)[0] ?? null

/** A point for each trial: ms to the database, and ms of an order. */
function orderByRoundTrip(run: Run, arm: string): { x: number; y: number }[] {
  const orders = byTrial(run, arm, leastStage, (s) => s.endpoints['place-order']?.p50Ms ?? null)
  return run.trials.flatMap(({ arm: own, index, roundTripMs }) => {
    const y = own === arm ? orders.get(index) : undefined
    return y === undefined || typeof roundTripMs !== 'number' ? [] : [{ x: roundTripMs, y }]
  })
}

/** Of the straight line by least squares. */
function slope(points: readonly { x: number; y: number }[]): number {
  const [x, y] = [mean(points.map((one) => one.x)), mean(points.map((one) => one.y))]
  return (
    sum(points.map((one) => (one.x - x) * (one.y - y))) / sum(points.map((one) => (one.x - x) ** 2))
  )
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
