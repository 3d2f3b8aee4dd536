import type { Stage } from '../../measurement/stage.ts'
import type { Trial } from '../../measurement/trial.ts'
import { geometricMean } from '../bootstrap.ts'
import { latencyEstimate } from '../response.ts'
import type { Row } from './comparison.ts'
import { overTrials, withinTrial, type LogEstimate } from './log-estimate.ts'
import { isValid } from './side.ts'
import { welchRatio } from './welch.ts'

type Sides = readonly [a: readonly Trial[], b: readonly Trial[]]

/** Mean and p95 response time at each step of the ramp that both sides have a valid stage of. */
export function stepRows(sides: Sides): Row[] {
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
  const [ofA, ofB] = [values(a, on), values(b, on)]
  const row = { what, unit: 'ms' as const, interval: null }
  if (ofA.length === 0 || ofB.length === 0)
    return { ...row, a: null, b: null, missing: 'no request succeeded on a side' }
  const [one, other] = [estimate(a, on), estimate(b, on)]
  const interval = one && other ? welchRatio(one, other) : null
  return { ...row, a: geometricMean(ofA), b: geometricMean(ofB), interval }
}

function values(stages: readonly Stage[], on: 'mean' | 'p95'): number[] {
  const found = stages.map(({ all }) => (on === 'mean' ? all.meanMs : all.p95Ms))
  return found.filter((value) => value !== null).filter((value) => value > 0)
}

/** A percentile has no error within one window: its seconds have none. */
function estimate(stages: readonly Stage[], on: 'mean' | 'p95'): LogEstimate | null {
  const found = values(stages, on)
  const [only] = stages
  if (found.length > 1 || !only || found[0] === undefined) return overTrials(found)
  return on === 'mean' ? withinTrial(found[0], latencyEstimate(only.seconds)) : null
}
