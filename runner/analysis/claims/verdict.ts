import type { Run } from '../../measurement/run.ts'
import type { Claim, Crossing } from '../../measurement/verdict.ts'
import type { ArmAnalysis } from '../arm-analysis.ts'
import { type Level, levels, modeOf } from '../levels.ts'
import type { Bounds } from '../ratio.ts'
import type { Random } from '../statistics/moments.ts'
import { ARTICLE_ARMS, type Role } from './article.ts'

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

export type Unanalysed = Omit<Run, 'crossings' | 'claims'>

/** What a predicate may look at. */
export interface Context {
  readonly run: Unanalysed
  readonly arms: ReadonlyMap<string, ArmAnalysis>
  readonly random: Random
}

/** The arm that plays a part, or the sentence that says why there is none. */
export function armForRole({ run, arms }: Context, role: Role): ArmAnalysis | string {
  const arm = armOf(run, role)
  if (arm === null) return `no arm of this run is ${role}`
  const analysis = arms.get(arm)
  if (!analysis || !analysis.measured) return `${arm} has no valid stage`
  return analysis
}

/**
 * Which arm of a run plays a part of the article: its own contender if it ran, else the arm that is
 * named after the mode, else the first that promises it; null if none does.
 */
export function armOf(run: Pick<Run, 'configuration'>, role: Role): string | null {
  const names = run.configuration.arms.map(({ name }) => name)
  const preferred = [ARTICLE_ARMS[role], role].find((name) => names.includes(name))
  return preferred ?? names.find((name) => modeOf(run, name) === role) ?? null
}

/** The first valid level of an arm at or past its crossing: where it is as busy as it gets. */
export function levelAtCrossing(run: Unanalysed, { arm, users }: Crossing): Level | null {
  if (users === null) return null
  const past = (level: Level) => level.users >= users && level.valid.length > 0
  return levels(run, arm).find(past) ?? null
}

/** CPU cores that an arm may use; null where it has no limit. */
export function appLimitCores({ environment }: Unanalysed, arm: string): number | null {
  const apps = environment.parts.filter(({ part }) => part === 'app')
  const own = apps.find(({ name }) => name === arm) ?? apps.find(({ name }) => name.includes(arm))
  return (own ?? apps[0])?.cpuLimitCores ?? null
}
