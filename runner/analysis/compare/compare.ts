import type { Run } from '../../measurement/run.ts'
import type { Part, Stage } from '../../measurement/stage.ts'
import type { Trial } from '../../measurement/trial.ts'
import type { Crossing } from '../../measurement/verdict.ts'
import { analyseArm, type ArmAnalysis } from '../arm-analysis.ts'
import { ceilingOf } from '../ceiling.ts'
import { latencyEstimate } from '../crossing/estimate.ts'
import { yardstickOf } from '../host-state.ts'
import { geometricMean } from '../statistics/bootstrap.ts'
import { seeded } from '../statistics/moments.ts'
import {
  combined,
  type Comparison,
  isValid,
  measuredArms,
  type Row,
  type Side,
  trialsOf,
} from './comparison.ts'
import { refusals, sideDifferences } from './refusals.ts'
import { type LogEstimate, ofDraws, overTrials, welchRatio, withinTrial } from './welch.ts'

/**
 * Two independent sides: what differs in what they stand on, then the ratio b / a of every figure of the
 * arms that both have (welch.ts). The sides were not interleaved in time, so nothing is paired.
 *
 * @returns the reasons, with their remedies, where the sides cannot be compared
 */
export function compare(a: Side, b: Side): Comparison | { readonly refused: readonly string[] } {
  const refused = refusals(a, b)
  if (refused.length > 0) return { refused }
  const [one, other] = [combined(a), combined(b)]
  const there = new Set(measuredArms(other))
  return {
    differences: sideDifferences(a, b),
    arms: measuredArms(one)
      .filter((arm) => there.has(arm))
      .map((arm) => {
        const sides = [trialsOf(one, arm), trialsOf(other, arm)] as const
        const rows = [
          costRow('app', sides),
          costRow('db', sides),
          ...hostRow(sides),
          ...stepRows(sides),
        ]
        return { arm, rows: [...capacityRows(one, other, arm), ...rows] }
      }),
  }
}

/** Crossing and ceiling of an arm; the sides' random numbers are of different streams. */
function capacityRows(a: Run, b: Run, arm: string): Row[] {
  const [one, other] = [
    analyseArm(a, arm, seeded(2 * a.configuration.seed)),
    analyseArm(b, arm, seeded(2 * b.configuration.seed + 1)),
  ]
  const missing = unreached([one, other])
  const rows = [
    { what: 'crossing', unit: 'users', of: [crossing(one), crossing(other)] },
    { what: 'ceiling', unit: 'req/s', of: [ceiling(one, a), ceiling(other, b)] },
  ] as const
  return rows.map(({ what, unit, of: [x, y] }): Row => {
    const shown = { what, unit, a: x.value, b: y.value }
    if (missing !== null) return { ...shown, interval: null, missing }
    const { estimate: from } = x
    return { ...shown, interval: from && y.estimate && welchRatio(from, y.estimate) }
  })
}

interface Found {
  readonly value: number | null
  readonly estimate: LogEstimate | null
}

function crossing({ crossing: { users }, byTrial, draws }: ArmAnalysis): Found {
  const each = [...byTrial.values()].map((trial) => trial.users)
  const found = each.filter((value) => value !== null)
  if (users === null) return { value: null, estimate: null }
  // Where only some trials crossed, the mean over trials decided, and has no error.
  if (each.length > 1)
    return { value: users, estimate: found.length < each.length ? null : overTrials(found) }
  return { value: users, estimate: ofDraws(users, draws) }
}

function ceiling({ byTrial, crossing: { arm } }: ArmAnalysis, run: Run): Found {
  const values = [...byTrial.values()].flatMap(({ ceilingPerS }) => ceilingPerS ?? [])
  const [first] = values
  if (first === undefined) return { value: null, estimate: null }
  if (values.length > 1) return { value: geometricMean(values), estimate: overTrials(values) }
  const [only] = trialsOf(run, arm)
  const estimate = only ? (ceilingOf(only.stages)?.estimate ?? null) : null
  return { value: first, estimate: withinTrial(first, estimate) }
}

/** The most requests seen are a ceiling only of an arm that was pushed past its crossing. */
function unreached(sides: readonly ArmAnalysis[]): string | null {
  const told = sides.flatMap(({ crossing: { state } }, at) =>
    state === 'crossed' ? [] : [`${at === 0 ? 'A' : 'B'}: ${STATES[state]}`],
  )
  return told.length === 0 ? null : told.join('; ')
}

const STATES: Readonly<Record<Crossing['state'], string>> = {
  crossed: 'crossed',
  'not-reached': 'threshold not reached',
  'crossed-below': 'over it from the start',
  'limited-by-runner': 'limited by the runner',
  'no-valid-stage': 'no valid stage',
}

type Sides = readonly [a: readonly Trial[], b: readonly Trial[]]

/** Mean and p95 response time at each step of the ramp that both sides have a valid stage of. */
function stepRows(sides: Sides): Row[] {
  const [a, b] = sides.map((trials) => rampOf(trials))
  const users = [...(a?.keys() ?? [])].filter((count) => b?.has(count)).toSorted((x, y) => x - y)
  return users.flatMap((count) => {
    const [ofA, ofB] = [a?.get(count) ?? [], b?.get(count) ?? []]
    return [stepRow('mean', count, ofA, ofB), stepRow('p95', count, ofA, ofB)]
  })
}

function rampOf(trials: readonly Trial[]): ReadonlyMap<number, Stage[]> {
  const stages = trials.flatMap((trial) => trial.stages)
  return Map.groupBy(
    stages.filter((stage) => stage.kind === 'ramp' && isValid(stage)),
    (stage) => stage.users,
  )
}

function stepRow(on: 'mean' | 'p95', users: number, a: readonly Stage[], b: readonly Stage[]): Row {
  const what = `${on} at ${users} users`
  const [ofA, ofB] = [stageFigures(a, on), stageFigures(b, on)]
  const row = { what, unit: 'ms' as const, interval: null }
  if (ofA.length === 0 || ofB.length === 0)
    return { ...row, a: null, b: null, missing: 'no request succeeded on a side' }
  const [one, other] = [stageEstimate(a, on), stageEstimate(b, on)]
  const interval = one && other ? welchRatio(one, other) : null
  return { ...row, a: geometricMean(ofA), b: geometricMean(ofB), interval }
}

function stageFigures(stages: readonly Stage[], on: 'mean' | 'p95'): number[] {
  const found = stages.map(({ all }) => (on === 'mean' ? all.meanMs : all.p95Ms))
  return found.filter((value) => value !== null).filter((value) => value > 0)
}

/** A percentile has no error within one window: its seconds have none. */
function stageEstimate(stages: readonly Stage[], on: 'mean' | 'p95'): LogEstimate | null {
  const found = stageFigures(stages, on)
  const [only] = stages
  if (found.length > 1 || !only || found[0] === undefined) return overTrials(found)
  return on === 'mean' ? withinTrial(found[0], latencyEstimate(only.seconds)) : null
}

const NONE: LogEstimate = { mean: 0, error: 0, freedom: Infinity, kind: 'within-run' }

/**
 * CPU for each request at equal load. With several trials on both sides they are the error. Else the
 * ratios at the single steps of the ramp are, of which three are needed: a within-run interval.
 */
function costRow(part: 'app' | 'db', [a, b]: Sides): Row {
  const what = part === 'app' ? 'app CPU' : 'database CPU'
  const row = { what, unit: 'µs/req', a: null, b: null, interval: null } as const
  const users = sharedSteps([...a, ...b], part)
  const missing = 'no step of the ramp is valid in all trials of both'
  if (users.length === 0) return { ...row, missing }
  const over = (trials: readonly Trial[], at: readonly number[]) =>
    trials.map((trial) => costOver(trial, part, at)).filter((value) => value !== null)
  const [ofA, ofB] = [over(a, users), over(b, users)]
  const means = { a: geometricMean(ofA), b: geometricMean(ofB) }
  const [trialsA, trialsB] = [overTrials(ofA), overTrials(ofB)]
  if (trialsA && trialsB) return { ...row, ...means, interval: welchRatio(trialsA, trialsB) }
  const ratios = users.map((at) => geometricMean(over(b, [at])) / geometricMean(over(a, [at])))
  const found = ratios.length < 3 ? null : overTrials(ratios)
  return { ...row, ...means, interval: found && welchRatio(NONE, { ...found, kind: 'within-run' }) }
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
function hostRow(sides: Sides): Row[] {
  const [ofA, ofB] = sides.map((trials) =>
    trials.map(yardstickOf).filter((value) => value !== null),
  )
  if (!ofA || !ofB || ofA.length === 0 || ofB.length === 0) return []
  const [a, b] = [overTrials(ofA), overTrials(ofB)]
  const row = { what: 'host, fixed work', unit: 'ms' as const }
  const means = { a: geometricMean(ofA), b: geometricMean(ofB) }
  return [{ ...row, ...means, interval: a && b && welchRatio(a, b) }]
}
