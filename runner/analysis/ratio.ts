import type { Interval } from '../measurement/verdict.ts'
import type { ArmAnalysis } from './arm-analysis.ts'
import { interval, intervalText, trialsText, type OpenEnds } from './crossing/interval.ts'
import type { Estimate } from './statistics/batch-means.ts'
import { mean } from './statistics/moments.ts'
import { type ByTrial, confidence, overTrials } from './statistics/trials.ts'
import { difference } from './statistics/welch.ts'

/** A figure of one arm over that of another. */
export type Ratio = Readonly<{
  value: number
  /** Of the arm that has fewer. */
  trials: number
  /** Of the logarithm; null with fewer than three trials of an arm: then the ratio is provisional. */
  estimate: Estimate | null
  open: OpenEnds
}>

/** Crossing of one arm over that of another; null where either has not crossed. */
export function crossingRatio(over: ArmAnalysis, under: ArmAnalysis): Ratio | null {
  if (over.crossing.state !== 'crossed' || under.crossing.state !== 'crossed') return null
  const [a, b] = [sides(over), sides(under)]
  return ratioOf(logUsers(over), logUsers(under), {
    low: a.below || b.above,
    high: a.above || b.below,
  })
}

/** Ceiling of one arm over that of another; only of trials that were pushed past their crossing. */
export function ceilingRatio(over: ArmAnalysis, under: ArmAnalysis): Ratio | null {
  return ratioOf(logCeilings(over), logCeilings(under))
}

/**
 * Of figures on the logarithm. Trials of two arms in one round have next to nothing in common (their correlation is
 * 0.1 to 0.3), so each arm brings its own spread and nothing is paired: docs/method/coverage.md.
 */
function ratioOf(
  over: ByTrial,
  under: ByTrial,
  open: OpenEnds = { low: false, high: false },
): Ratio | null {
  const [above, below] = [[...over.values()], [...under.values()]]
  const trials = Math.min(above.length, below.length)
  if (trials === 0) return null
  const [a, b] = [overTrials(above), overTrials(below)]
  return {
    value: Math.exp(mean(above) - mean(below)),
    trials,
    estimate: a && b && difference(a, b),
    open,
  }
}

export function ratioInterval({ estimate, open }: Ratio): Interval | null {
  return estimate && interval(estimate, confidence, open)
}

/** `95 % interval, of this run: 6.20 to 6.80`; or that there is none yet. */
export function ratioReach(ratio: Ratio): string {
  const found = ratioInterval(ratio)
  if (!found) return `provisional: ${trialsText(ratio.trials)}, no interval`
  const number = (value: number) => value.toFixed(value < 10 ? 2 : 1)
  return `95 % interval, of this run: ${intervalText(found, number)}`
}

function logUsers({ byTrial }: ArmAnalysis): ByTrial {
  return new Map(
    [...byTrial].flatMap(([round, { crossing }]): [number, number][] => {
      if (crossing.state === 'crossed') return [[round, Math.log(crossing.users)]]
      return 'bound' in crossing ? [[round, Math.log(crossing.bound)]] : []
    }),
  )
}

function logCeilings({ byTrial }: ArmAnalysis): ByTrial {
  return new Map(
    [...byTrial].flatMap(([round, { ceilingPerS }]): [number, number][] =>
      ceilingPerS === null ? [] : [[round, Math.log(ceilingPerS)]],
    ),
  )
}

function sides({ byTrial }: ArmAnalysis): { readonly below: boolean; readonly above: boolean } {
  const states = new Set([...byTrial.values()].map(({ crossing }) => crossing.state))
  return { below: states.has('crossed-below'), above: states.has('not-reached') }
}
