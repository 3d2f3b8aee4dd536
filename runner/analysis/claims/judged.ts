import type { Claim } from '../../measurement/verdict.ts'
import type { Bounds } from '../ratio.ts'

/** The part of a claim that the run decides. */
export type Judged = Pick<Claim, 'ours' | 'verdict' | 'reason'>
export type Band = { readonly low: number; readonly high: number }

/** Reproduced if all that a figure may be lies in the band, not reproduced if none of it does. */
export function within({ low, high }: Pick<Bounds, 'low' | 'high'>, band: Band): Claim['verdict'] {
  if (low >= band.low && high <= band.high) return 'reproduced'
  return high < band.low || low > band.high ? 'not reproduced' : 'inconclusive'
}

/** All must hold: one that fails decides, then one that is open. */
export function both(...verdicts: readonly Claim['verdict'][]): Claim['verdict'] {
  if (verdicts.includes('not reproduced')) return 'not reproduced'
  return verdicts.includes('inconclusive') ? 'inconclusive' : 'reproduced'
}

export const open = (reason: string, ours = 'no figure'): Judged => ({
  ours,
  verdict: 'inconclusive',
  reason,
})

/** A ratio with all that it may be: `6.50 times (95 % interval 6.20 to 6.80)`. */
export function ratioText({ value, low, high, kind }: Bounds): string {
  const number = (ratio: number) => ratio.toFixed(ratio < 10 ? 2 : 1)
  if (high === Infinity) return low > 0 ? `at least ${number(low)} times` : 'unknown'
  if (value === null) return `at most ${number(high)} times`
  if (low === high) return `${number(value)} times (one figure, no interval)`
  const how = kind === 'bracket' ? 'from the brackets' : '95 % interval'
  return `${number(value)} times (${how} ${number(low)} to ${number(high)})`
}
