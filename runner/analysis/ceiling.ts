import type { Stage } from '../measurement/stage.ts'
import type { Crossing } from '../measurement/verdict.ts'
import { throughputEstimate } from './crossing/estimate.ts'
import { type Estimate, halfWidth } from './statistics/batch-means.ts'
import { bootstrap } from './statistics/bootstrap.ts'
import { mean, type Random } from './statistics/moments.ts'

/** The stage of a trial that served the most. */
export interface Ceiling {
  readonly perS: number
  /** More users were asked for, but their stage is invalid: the trial may have served more. */
  readonly cut: boolean
  readonly estimate: Estimate | null
}

/** Requests per second; null without a valid stage. Being the largest of several, it leans upwards. */
export function ceilingOf(stages: readonly Stage[]): Ceiling | null {
  const valid = stages.filter(({ validity }) => validity.valid)
  const [first, ...others] = valid
  if (!first) return null
  const most = others.reduce(
    (high, stage) => (stage.all.throughputPerS > high.all.throughputPerS ? stage : high),
    first,
  )
  const top = Math.max(...valid.map(({ users }) => users))
  const cut = most.users === top && stages.some(({ users }) => users > top)
  return { perS: most.all.throughputPerS, cut, estimate: throughputEstimate(most.seconds) }
}

/** Those that were not cut short, so that none drags the mean down; all, if all were. */
export function comparable(each: readonly Ceiling[]): readonly Ceiling[] {
  const whole = each.filter(({ cut }) => !cut)
  return whole.length > 0 ? whole : each
}

/** The ceiling over trials: their mean, with the interval that one or several trials allow. */
export function ceilings(
  each: readonly Ceiling[],
  random: Random,
): Pick<Crossing, 'ceilingPerS' | 'ceilingInterval'> {
  const values = each.map(({ perS }) => perS)
  if (values.length === 0) return { ceilingPerS: null, ceilingInterval: null }
  const ceilingPerS = mean(values)
  if (values.length > 1) {
    const found = bootstrap(values, mean, random)
    return { ceilingPerS, ceilingInterval: found && { ...found, kind: 'between-trials' } }
  }
  const estimate = each[0]?.estimate
  if (!estimate) return { ceilingPerS, ceilingInterval: null }
  const half = halfWidth(estimate)
  const interval = {
    low: ceilingPerS - half,
    high: ceilingPerS + half,
    kind: 'within-run' as const,
  }
  return { ceilingPerS, ceilingInterval: interval }
}
