import type { Run } from '../../measurement/run.ts'
import type { Part, Stage } from '../../measurement/stage.ts'
import type { Trial } from '../../measurement/trial.ts'
import type { Crossing } from '../../measurement/verdict.ts'
import { analyseArm, type ArmAnalysis } from '../arm-analysis.ts'
import { responseMs } from '../crossing/estimate.ts'
import { yardstickOf } from '../host-state.ts'
import type { Estimate } from '../statistics/batch-means.ts'
import { geometricMean } from '../statistics/moments.ts'
import { overTrials } from '../statistics/trials.ts'
import { BETWEEN_RUNS } from '../statistics/between-runs.ts'
import {
  type ArmComparison,
  combined,
  type Comparison,
  isValid,
  measuredArms,
  type Row,
  type Side,
  trialsOf,
} from './comparison.ts'
import { refusals, sideDifferences } from './refusals.ts'
import { type BetweenRuns, welchRatio } from '../statistics/welch.ts'

/**
 * Two independent sides: what differs between their settings and machines, then the ratio b / a of every figure of the
 * arms that both have (welch.ts). The sides were not interleaved in time, so nothing is paired.
 *
 * @returns the reasons, with their remedies, where the sides cannot be compared
 */
export function compare(a: Side, b: Side): Comparison | { readonly refused: readonly string[] } {
  const refused = refusals(a, b)
  if (refused.length > 0) return { refused }
  const [one, other] = [combined(a), combined(b)]
  const missing = haveOwnRamps([...a.runs, ...b.runs])
    ? 'each pilot found its own ramp: no load is common; give both runs the same --users'
    : 'no step of the ramp is valid in all trials of both'
  const share = Math.sqrt((1 / a.runs.length + 1 / b.runs.length) / 2)
  const there = new Set(measuredArms(other))
  return {
    differences: sideDifferences(a, b),
    apart: apartOf(a, b),
    arms: measuredArms(one)
      .filter((arm) => there.has(arm))
      .map((arm) => {
        const sides = [trialsOf(one, arm), trialsOf(other, arm)] as const
        const rows = [
          costRow('app', sides, share, missing),
          costRow('db', sides, share, missing),
          ...hostRow(sides, share),
          ...stepRows(sides, share),
        ]
        const changed = changedOf(one, arm)
        return { arm, changed, rows: [...capacityRows(one, other, arm, share), ...rows] }
      }),
  }
}

/** How far apart the sides are in time, and what the machine itself did between them. */
function apartOf(a: Side, b: Side): Comparison['apart'] {
  const [startA, startB] = [a, b].map(({ runs }) =>
    Math.min(...runs.map(({ startedAt }) => Date.parse(startedAt))),
  )
  const [hostA, hostB] = [a, b].map((side) => {
    const read = combined(side)
      .trials.map(yardstickOf)
      .filter((value) => value !== null)
    return read.length === 0 ? null : geometricMean(read)
  })
  const ms = (startB ?? 0) - (startA ?? 0)
  return { ms, hostMs: hostA && hostB ? { a: hostA, b: hostB } : null }
}

/** What makes an arm a level of a factor, if it is one. */
function changedOf({ configuration }: Run, arm: string): ArmComparison['changed'] {
  const { factor, level } = configuration.arms.find(({ name }) => name === arm) ?? {}
  return factor === undefined || level === undefined ? undefined : { factor, level }
}

/** Crossing and ceiling of an arm. */
function capacityRows(a: Run, b: Run, arm: string, share: number): Row[] {
  const [one, other] = [analyseArm(a, arm), analyseArm(b, arm)]
  const missing = unreached([one, other])
  const rows = [
    { what: 'crossing', unit: 'users', of: [crossings(one), crossings(other)] },
    { what: 'ceiling', unit: 'req/s', of: [ceilings(one), ceilings(other)] },
  ] as const
  return rows.map(({ what, unit, of }): Row => {
    if (missing !== null) return { what, unit, a: null, b: null, interval: null, missing }
    return { what, unit, ...ratioOf(of[0], of[1], BETWEEN_RUNS.capacity, share) }
  })
}

/** Of the trials that crossed; none unless all did, since those that did not would have the most. */
function crossings({ byTrial }: ArmAnalysis): number[] {
  const each = [...byTrial.values()].map(({ crossing }) => crossing)
  const found = each.flatMap((trial) => (trial.state === 'crossed' ? [trial.users] : []))
  return found.length === each.length ? found : []
}

function ceilings({ byTrial }: ArmAnalysis): number[] {
  return [...byTrial.values()].flatMap(({ ceilingPerS }) => ceilingPerS ?? [])
}

/**
 * Geometric means of both sides, and the interval of their ratio from three trials on a side on.
 *
 * @param share of `between` that is left: of several runs on a side the mean differs by less
 */
function ratioOf(
  a: readonly number[],
  b: readonly number[],
  between: BetweenRuns,
  share: number,
): Pick<Row, 'a' | 'b' | 'interval'> {
  const [one, other] = [logs(a), logs(b)]
  const centre = (values: readonly number[]) => (values.length === 0 ? null : geometricMean(values))
  const interval = one && other && welchRatio(one, other, { ...between, sd: share * between.sd })
  return { a: centre(a), b: centre(b), interval }
}

const logs = (values: readonly number[]): Estimate | null => overTrials(values.map(Math.log))

/** The most requests seen are a ceiling only of an arm that was pushed past its crossing. */
function unreached(sides: readonly ArmAnalysis[]): string | null {
  const sentences = sides.flatMap(({ crossing: { state } }, at) =>
    state === 'crossed' ? [] : [`${at === 0 ? 'A' : 'B'}: ${STATES[state]}`],
  )
  return sentences.length === 0 ? null : sentences.join('; ')
}

const STATES: Readonly<Record<Crossing['state'], string>> = {
  crossed: 'crossed',
  between: 'only seen between far apart probes',
  'not-reached': 'threshold not reached',
  'crossed-below': 'over it from the start',
  'limited-by-runner': 'limited by the runner',
  'no-valid-stage': 'no valid stage',
}

/** Did pilots find ramps that have no step in common? */
function haveOwnRamps(runs: readonly Run[]): boolean {
  const [first, ...others] = runs.map(({ configuration }) => configuration)
  const isCommon = (users: number) => others.every((other) => other.users.includes(users))
  return first?.rampFactor !== undefined && !first.users.some(isCommon)
}

type Sides = readonly [a: readonly Trial[], b: readonly Trial[]]

/** Mean and p95 response time at each step of the ramp that both sides have a valid stage of. */
function stepRows(sides: Sides, share: number): Row[] {
  const [a, b] = sides.map((trials) => rampOf(trials))
  const users = [...(a?.keys() ?? [])].filter((count) => b?.has(count)).toSorted((x, y) => x - y)
  return users.flatMap((count) => {
    const [ofA, ofB] = [a?.get(count) ?? [], b?.get(count) ?? []]
    return (['mean', 'p95'] as const).map((on) => stepRow(on, count, [ofA, ofB], share))
  })
}

function rampOf(trials: readonly Trial[]): ReadonlyMap<number, Stage[]> {
  const stages = trials.flatMap((trial) => trial.stages)
  return Map.groupBy(
    stages.filter((stage) => stage.kind === 'ramp' && isValid(stage)),
    (stage) => stage.users,
  )
}

function stepRow(
  on: 'mean' | 'p95',
  users: number,
  [a, b]: readonly [readonly Stage[], readonly Stage[]],
  share: number,
): Row {
  const what = `${on} at ${users} users`
  const [ofA, ofB] = [stageFigures(a, on), stageFigures(b, on)]
  if (ofA.length > 0 && ofB.length > 0)
    return { what, unit: 'ms', ...ratioOf(ofA, ofB, BETWEEN_RUNS.response, share) }
  const missing = 'no request succeeded on a side'
  return { what, unit: 'ms', a: null, b: null, interval: null, missing }
}

function stageFigures(stages: readonly Stage[], on: 'mean' | 'p95'): number[] {
  const found = stages.map((stage) => responseMs(stage, on))
  return found.filter((value) => value !== null).filter((value) => value > 0)
}

/** CPU for each request at equal load; the trials are the replicates, never the steps of one. */
function costRow(part: 'app' | 'db', [a, b]: Sides, share: number, missing: string): Row {
  const what = part === 'app' ? 'app CPU' : 'database CPU'
  const users = sharedSteps([...a, ...b], part)
  if (users.length === 0) return { what, unit: 'µs/req', a: null, b: null, interval: null, missing }
  const over = (trials: readonly Trial[]) =>
    trials.map((trial) => costOver(trial, part, users)).filter((value) => value !== null)
  return { what, unit: 'µs/req', ...ratioOf(over(a), over(b), BETWEEN_RUNS.cost, share) }
}

/**
 * CPU for each request at equal load: over those steps of the ramp that are valid, and have the figure,
 * in every one of these trials, so that no trial's mean is of other loads than another's.
 */
export function sharedSteps(trials: readonly Trial[], part: Part): number[] {
  const [first, ...others] = trials.map((trial) => steps(trial, part))
  return [...(first?.keys() ?? [])].filter((users) => others.every((other) => other.has(users)))
}

/** Geometric mean over the steps. µs a request; null without a step. */
export function costOver(trial: Trial, part: Part, users: readonly number[]): number | null {
  const found = steps(trial, part)
  const values = users.map((count) => found.get(count)).filter((value) => value !== undefined)
  return values.length === 0 ? null : geometricMean(values)
}

/** µs a request by users. */
function steps({ stages }: Trial, part: Part): ReadonlyMap<number, number> {
  return new Map(
    stages.filter(isValid).flatMap((stage): [number, number][] => {
      const cost = stage.kind === 'ramp' ? stage.cpu[part]?.usPerRequest : null
      return typeof cost === 'number' && cost > 0 ? [[stage.users, cost]] : []
    }),
  )
}

/**
 * What the host itself did: the same fixed work beside either side's trials. A ratio of CPU near this
 * one is the machine's and not the arm's. None where a side has no yardstick.
 */
function hostRow(sides: Sides, share: number): Row[] {
  const [ofA, ofB] = sides.map((trials) =>
    trials.map(yardstickOf).filter((value) => value !== null),
  )
  if (!ofA || !ofB || ofA.length === 0 || ofB.length === 0) return []
  return [{ what: 'host, fixed work', unit: 'ms', ...ratioOf(ofA, ofB, BETWEEN_RUNS.host, share) }]
}
