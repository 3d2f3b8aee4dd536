import type { Run } from '../../measurement/run.ts'
import type { Part, Stage } from '../../measurement/stage.ts'
import type { Crossing } from '../../measurement/verdict.ts'
import { responseMs } from '../crossing/estimate.ts'
import { armNames, equalUsers, type Level, levels as levelsOf } from '../levels.ts'
import { counts } from '../standing.ts'
import { geometricMean, mean } from '../statistics/moments.ts'
import { confidence, overTrials } from '../statistics/trials.ts'
import { type Optimum, optimumOf, optimumText, quoted } from './optimum.ts'

type Analysed = Pick<Run, 'configuration' | 'trials' | 'crossings'>

/**
 * A figure with its 95 % interval, an end of which may be open; null where there is none. All are positive,
 * so means and intervals are on the logarithm, and no interval reaches below 0.
 */
export type Figure = Readonly<{
  value: number
  interval: { readonly low: number | null; readonly high: number | null } | null
}>

/** What was seen at one level of a factor. */
export type FactorLevel = Readonly<{
  arm: string
  level: string
  /** Users at the threshold; null where it was not crossed. */
  crossing: Figure | null
  crossingState: Crossing['state'] | null
  /** Requests per second. */
  ceiling: Figure | null
  /** µs of CPU for a request, and the 95th percentile in ms, at the users of `FactorView.users`. */
  appUs: Figure | null
  dbUs: Figure | null
  p95Ms: Figure | null
  /** ms, the median of an order at the users of `FactorView.idleUsers`: what it takes where nobody queues. */
  orderMs: Figure | null
  /** ms to the database, as measured before the trials. */
  roundTripMs: number | null
}>

/** The arms that were made from one arm by changing one thing, in the order of the levels. */
export type FactorView = Readonly<{
  factor: string
  from: string
  levels: readonly FactorLevel[]
  /** At how many users cost and p95 are compared; null where no step is valid at every level. */
  users: number | null
  /** The least users of the ramp, where every level serves at least twice as many; null where one does not. */
  idleUsers: number | null
  optimum: Optimum | null
}>

/** A view for each factor of a run and each arm that it was varied on; none with fewer than two levels. */
export function factorViews(run: Analysed): FactorView[] {
  const arms = run.configuration.arms.flatMap(({ name, factor, level, from }) =>
    factor === undefined || level === undefined || from === undefined
      ? []
      : [{ name, factor, level, from }],
  )
  const groups = Map.groupBy(arms, ({ factor, from }) => `${from}\n${factor}`)
  return [...groups.values()].flatMap((group): FactorView[] => {
    const [first] = group
    if (first === undefined || group.length < 2) return []
    const { factor, from } = first
    const names = new Set(group.map(({ name }) => name))
    const own = {
      configuration: {
        ...run.configuration,
        arms: run.configuration.arms.filter(({ name }) => names.has(name)),
      },
      trials: run.trials.filter(({ arm }) => names.has(arm)),
    }
    const { shared, arms: at } = equalUsers(own)
    const idleUsers = idleUsersOf(own, run.crossings)
    const levels = group.map(({ name, level }): FactorLevel => {
      const found = run.crossings.find(({ arm }) => arm === name)
      const load = shared === null ? undefined : at.find(({ arm }) => arm === name)?.level
      const trips = own.trials
        .filter((trial) => trial.arm === name && counts(trial))
        .flatMap(({ roundTripMs }) => roundTripMs ?? [])
      return {
        arm: name,
        level,
        crossing: figure(found?.users, found?.interval),
        crossingState: found?.state ?? null,
        ceiling: figure(found?.ceilingPerS, found?.ceilingInterval),
        appUs: measured(load, cost('app')),
        dbUs: measured(load, cost('db')),
        p95Ms: measured(load, (stage) => responseMs(stage, 'p95')),
        orderMs: measured(
          levelsOf(own, name).find(({ users }) => users === idleUsers),
          ({ endpoints }) => endpoints['place-order']?.p50Ms,
        ),
        roundTripMs: trips.length === 0 ? null : mean(trips),
      }
    })
    return [{ factor, from, levels, users: shared, idleUsers, optimum: optimumOf(run, levels) }]
  })
}

/** An arm that serves twice as many users before the threshold is at most about half as busy as it can be. */
function idleUsersOf(
  run: Pick<Run, 'configuration' | 'trials'>,
  crossings: readonly Crossing[],
): number | null {
  const arms = armNames(run)
  const [least] = arms.flatMap((arm) => levelsOf(run, arm).filter(({ ramp }) => ramp))
  if (least === undefined) return null
  const isIdle = arms.every((arm) => {
    const users = crossings.find((crossing) => crossing.arm === arm)?.users
    return typeof users === 'number' && users >= 2 * least.users
  })
  return isIdle ? least.users : null
}

const cost = (part: Part) => (stage: Stage) => stage.cpu[part]?.usPerRequest

function figure(value: number | null | undefined, interval: Crossing['interval'] = null) {
  return typeof value === 'number' ? { value, interval } : null
}

function measured(
  level: Level | undefined,
  of: (stage: Stage) => number | null | undefined,
): Figure | null {
  const values = (level?.valid ?? [])
    .map(of)
    .filter((value): value is number => typeof value === 'number' && value > 0)
  if (values.length === 0) return null
  const value = geometricMean(values)
  const estimate = overTrials(values.map(Math.log))
  if (estimate === null) return { value, interval: null }
  const [low, high] = confidence(estimate).map(Math.exp)
  return { value, interval: { low: low ?? null, high: high ?? null } }
}

/** What the factor costs, in three sentences at most. */
export function factorText(view: FactorView): string {
  return `${bestText(view)}${costText(view)}`
}

/** Of it what the levels cost in CPU and in time, each sentence after a space; empty where nothing is known. */
export const costText = (view: FactorView): string =>
  `${cpuText(view.levels, view.users)}${orderText(view)}`

/** Of it only which level serves the most users, and which cannot be told from it. */
export const bestText = ({ factor, from, optimum }: FactorView): string =>
  `${factor} (${from}): ${optimumText(optimum)}`

/** App and database together, least and most: named only if their intervals lie apart. */
function cpuText(levels: readonly FactorLevel[], users: number | null): string {
  const sums = levels.flatMap(({ level, appUs, dbUs }) =>
    appUs === null || dbUs === null ? [] : [{ level, ...sumOf(appUs, dbUs) }],
  )
  const [least, ...rest] = sums.toSorted((a, b) => a.value - b.value)
  const most = rest.at(-1)
  if (least === undefined || most === undefined || users === null) return ''
  const at = `at ${users} users`
  if (most.interval === null || least.interval === null)
    return ` What a request costs app and database in CPU was seen in too few trials to tell levels apart (${at}).`
  if ((most.interval.low ?? 0) <= (least.interval.high ?? Infinity)) {
    return ` What a request costs app and database in CPU differs by no more than between trials (${at}).`
  }
  return (
    ` A request costs app and database the least CPU at ${quoted(least.level)}, ${least.value.toFixed(0)} µs, and ` +
    `the most at ${quoted(most.level)}, ${most.value.toFixed(0)} µs (${at}).`
  )
}

/** What an order takes where nobody queues, least and most: named only if their intervals lie apart. */
function orderText({ levels, idleUsers }: FactorView): string {
  const orders = levels.flatMap(({ level, orderMs }) =>
    orderMs === null ? [] : [{ level, ...orderMs }],
  )
  const [least, ...rest] = orders.toSorted((a, b) => a.value - b.value)
  const most = rest.at(-1)
  if (least === undefined || most === undefined) return ''
  if ((most.interval?.low ?? 0) <= (least.interval?.high ?? Infinity)) return ''
  return (
    ` Half of the orders take at most ${least.value.toFixed(1)} ms at ${quoted(least.level)}, and ` +
    `${most.value.toFixed(1)} ms at ${quoted(most.level)} (at ${idleUsers} users, where nobody queues).`
  )
}

function sumOf(a: Figure, b: Figure): Figure {
  const value = a.value + b.value
  const [lowA, lowB] = [a.interval?.low, b.interval?.low]
  const [highA, highB] = [a.interval?.high, b.interval?.high]
  const isClosed = [lowA, lowB, highA, highB].every((end) => typeof end === 'number')
  // Errors of two parts add as squares.
  const below = Math.hypot(a.value - (lowA ?? 0), b.value - (lowB ?? 0))
  const above = Math.hypot((highA ?? 0) - a.value, (highB ?? 0) - b.value)
  return { value, interval: isClosed ? { low: value - below, high: value + above } : null }
}
