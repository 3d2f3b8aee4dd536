import type { Run } from '../../measurement/run.ts'
import type { Crossing } from '../../measurement/verdict.ts'
import { analysisOf } from '../arm-analysis.ts'
import { intervalText } from '../crossing/interval.ts'
import { leastSquares } from '../statistics/least-squares.ts'
import { mean, studentT } from '../statistics/moments.ts'
import { LEAST_TRIALS } from '../statistics/trials.ts'

/** The level that serves the most users before the threshold, and what can be said of the others. */
export type Optimum = Readonly<{
  best: string
  /** With it, the levels of which one may be the true best (95 %); null: too few trials to tell. */
  candidates: readonly string[] | null
  /** The level that serves the fewest. */
  worst: {
    readonly level: string
    /** To the best; null where the level is past the threshold at the fewest users already. */
    readonly ratio: number | null
    /** 95 %; an end is open (null) where a trial is known by a bound alone. */
    readonly interval: { readonly low: number | null; readonly high: number | null } | null
  } | null
  /** Does a round lack a level? Then the means over each level's own trials are not what is compared. */
  lacksTrials: boolean
}>

type OfLevel = Readonly<{
  arm: string
  level: string
  crossingState: Crossing['state'] | null
}>

/** Not pushed to its crossing, or not measured: such a level may be the best of all. */
const OPEN: ReadonlySet<Crossing['state'] | null> = new Set([
  'not-reached',
  'limited-by-runner',
  'between',
  'no-valid-stage',
  null,
])

/**
 * Levels and rounds are a randomised block design, in which a trial may be missing: the logarithm of the
 * crossing is fitted by level and round, and what they leave is the error. A level may be the best unless it
 * is worse than the best seen by more than that error allows (subset selection: with 95 % the true best is
 * among those kept), unless it has fewer than three trials, and unless one of them is known only to cross
 * somewhere beyond what was measured. Such a trial counts at its bound, and that end is open, as in the
 * interval of a crossing.
 *
 * Sources: Montgomery, Design and Analysis of Experiments, 8th ed. 2013, section 4.1 and, for missing
 * trials by least squares, 4.1.3; Gupta, Technometrics 7(2), 1965; Hsu, Multiple Comparisons, 1996,
 * chapter 4. The critical value is Bonferroni's, which is wider than Dunnett's by little and needs no table.
 */
export function optimumOf(
  run: Pick<Run, 'configuration' | 'trials'>,
  levels: readonly OfLevel[],
): Optimum | null {
  if (levels.some(({ crossingState }) => OPEN.has(crossingState))) return null
  const crossed = levels
    .filter(({ crossingState }) => crossingState === 'crossed')
    .map(({ arm, level }) => ({ level, ...trialsOf(run, arm) }))
  const fit = fitLevels(crossed.map(({ users }) => users))
  const ranked = crossed
    .map((one, at) => ({ ...one, at, centre: fit.centres[at] ?? NaN }))
    .toSorted((a, b) => b.centre - a.centre)
  const [best, ...others] = ranked
  if (best === undefined || levels.length < 2) return null
  const half = (other: (typeof ranked)[number], confidence: number): number | null =>
    Math.min(best.users.size, other.users.size) < LEAST_TRIALS
      ? null
      : fit.half(best.at, other.at, confidence)

  const mayBeBest = (other: (typeof ranked)[number]): boolean => {
    const allowed = half(other, 1 - 0.1 / others.length)
    return (
      allowed === null || other.openAbove || best.openBelow || other.centre >= best.centre - allowed
    )
  }
  const canTell = best.users.size >= LEAST_TRIALS && fit.hasError
  const kept = new Set([best, ...others.filter(mayBeBest)].map(({ level }) => level))
  const below = levels.filter(({ crossingState }) => crossingState === 'crossed-below')
  return {
    best: best.level,
    // In the order in which the levels are written.
    candidates: canTell ? crossed.map(({ level }) => level).filter((one) => kept.has(one)) : null,
    worst: below.length > 0 ? pastAlready(below) : worstOf(others.at(-1)),
    lacksTrials: fit.lacksTrials,
  }

  function worstOf(worst: (typeof ranked)[number] | undefined): Optimum['worst'] {
    if (worst === undefined || best === undefined) return null
    const log = worst.centre - best.centre
    const reach = half(worst, 0.95)
    const interval =
      reach === null
        ? null
        : {
            low: worst.openBelow || best.openAbove ? null : Math.exp(log - reach),
            high: worst.openAbove || best.openBelow ? null : Math.exp(log + reach),
          }
    return { level: worst.level, ratio: Math.exp(log), interval }
  }
}

/** Of several such levels none is known to serve the fewest. */
function pastAlready(below: readonly OfLevel[]): Optimum['worst'] {
  const [only] = below
  return only && below.length === 1 ? { level: only.level, ratio: null, interval: null } : null
}

type LevelTrials = Readonly<{
  /** The logarithm of the crossing, by round. */
  users: ReadonlyMap<number, number>
  /** Is one of them a bound alone, beyond which it crosses? */
  openAbove: boolean
  openBelow: boolean
}>

function trialsOf(run: Pick<Run, 'configuration' | 'trials'>, arm: string): LevelTrials {
  const trials = [...analysisOf(run, arm).byTrial]
  const users = trials.flatMap(([round, { crossing }]): [number, number][] => {
    if (crossing.state === 'crossed') return [[round, Math.log(crossing.users)]]
    return 'bound' in crossing ? [[round, Math.log(crossing.bound)]] : []
  })
  const has = (state: Crossing['state']) => trials.some(([, one]) => one.crossing.state === state)
  return {
    users: new Map(users),
    openAbove: has('not-reached'),
    openBelow: has('crossed-below'),
  }
}

type LevelFit = Readonly<{
  /** Each level's logarithm in the mean of the rounds. */
  centres: readonly number[]
  hasError: boolean
  /** Half of the interval of the difference of two levels; null without an error. */
  half: (a: number, b: number, confidence: number) => number | null
  lacksTrials: boolean
}>

/** Each level has a column of its own, and the rounds have columns whose effects sum to 0. */
function fitLevels(levels: readonly ReadonlyMap<number, number>[]): LevelFit {
  const rounds = [...new Set(levels.flatMap((users) => [...users.keys()]))]
  const cells = levels.flatMap((users, level) =>
    [...users].map(([round, y]) => ({ level, round: rounds.indexOf(round), y })),
  )
  const lacksTrials = cells.length < levels.length * rounds.length
  const last = rounds.length - 1
  const design = cells.map(({ level, round }) => [
    ...levels.map((_, at) => Number(at === level)),
    ...rounds.slice(1).map((_, at) => (round === last ? -1 : Number(at === round))),
  ])
  const fit = leastSquares(
    design,
    cells.map(({ y }) => y),
  )
  const freedom = cells.length - levels.length - last
  if (fit === null || freedom < 1) {
    const centres = levels.map((users) => mean([...users.values()]))
    return { centres, hasError: false, half: () => null, lacksTrials }
  }
  const at = (row: number, column: number) => fit.inverse[row]?.[column] ?? NaN
  return {
    centres: fit.coefficients.slice(0, levels.length),
    hasError: true,
    half: (a, b, confidence) =>
      studentT(confidence, freedom) *
      Math.sqrt((fit.residual / freedom) * (at(a, a) + at(b, b) - 2 * at(a, b))),
    lacksTrials,
  }
}

/** The optimum in a sentence, which the factor's name goes before. */
export function optimumText(optimum: Optimum | null): string {
  if (optimum === null)
    return 'not every level was taken to its crossing, so none is called the best.'
  const { best, candidates, worst } = optimum
  const others = (candidates ?? []).filter((level) => level !== best)
  const alike =
    candidates === null
      ? `fewer than ${LEAST_TRIALS} trials cannot tell which other levels are as good`
      : others.length === 0
        ? 'no other level is as good'
        : `${listed(others)} cannot be told from it`
  return `${quoted(best)} serves the most users; ${alike}${worst ? `; ${worstText(worst)}` : ''}.`
}

/** What to choose by it, a clause; null where nothing follows. */
export function optimumAdvice(optimum: Optimum | null): string | null {
  if (optimum === null || optimum.candidates === null) return null
  const [only, ...more] = optimum.candidates
  if (only === undefined) return null
  return more.length === 0
    ? `choose ${quoted(only)}`
    : `any of ${listed(optimum.candidates)} may be the best: choose among them by something else`
}

function worstText({ level, ratio, interval }: NonNullable<Optimum['worst']>): string {
  if (ratio === null) return `${quoted(level)} is past the threshold at the fewest users already`
  const range = interval ? ` (${intervalText(interval, times)})` : ''
  return `${quoted(level)} serves ${times(ratio)} times as many${range}`
}

const times = (ratio: number): string => ratio.toFixed(2)

/** A level may be an English word, such as none. */
export const quoted = (level: string): string => `“${level}”`

function listed(levels: readonly string[]): string {
  const names = levels.map(quoted)
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
