import type { Interval } from '../measurement/verdict.ts'
import type { ArmAnalysis, TrialFigures } from './arm-analysis.ts'
import { quantile } from './crossing/interval.ts'
import { bootstrap, geometricMean } from './statistics/bootstrap.ts'
import type { Random } from './statistics/moments.ts'

/** What a ratio is known to lie between; an end is 0 or infinite where one side was never reached. */
export interface Bounds {
  readonly value: number | null
  readonly low: number
  readonly high: number
  /** How the bounds came about; `bracket`: no interval, only what was seen below and above. */
  readonly kind: Interval['kind'] | 'bracket'
}

/** Crossing of one arm over that of another: paired trials, or the draws of the only trial of each. */
export function crossingRatio(over: ArmAnalysis, under: ArmAnalysis, random: Random): Bounds {
  const paired = pairs(over, under, ({ users }) => users)
  const trials = pairedRatio(paired, random)
  if (trials) return trials
  const { draws: a } = over
  const { draws: b } = under
  const [usersA, usersB] = [over.crossing.users, under.crossing.users]
  const value = usersA !== null && usersB !== null ? usersA / usersB : null
  if (a && b && value !== null) {
    const count = Math.min(a.length, b.length)
    const ratios = Array.from({ length: count }, (_, at) => (a[at] ?? 0) / (b[at] ?? Infinity))
    return {
      value,
      low: quantile(ratios, 0.025),
      high: quantile(ratios, 0.975),
      kind: 'within-run',
    }
  }
  const [reachA, reachB] = [reach(over), reach(under)]
  return { value, low: reachA.low / reachB.high, high: reachA.high / reachB.low, kind: 'bracket' }
}

/** Ceiling of one arm over that of another. */
export function ceilingRatio(over: ArmAnalysis, under: ArmAnalysis, random: Random): Bounds | null {
  const trials = pairedRatio(
    pairs(over, under, ({ ceilingPerS }) => ceilingPerS),
    random,
  )
  if (trials) return trials
  const [a, b] = [over.crossing, under.crossing]
  if (a.ceilingPerS === null || b.ceilingPerS === null) return null
  const value = a.ceilingPerS / b.ceilingPerS
  if (!a.ceilingInterval || !b.ceilingInterval)
    return { value, low: value, high: value, kind: 'bracket' }
  // Independent errors of two figures add up in squares on the scale of relative errors.
  const relative = Math.hypot(
    half(a.ceilingInterval) / a.ceilingPerS,
    half(b.ceilingInterval) / b.ceilingPerS,
  )
  return { value, low: value * (1 - relative), high: value * (1 + relative), kind: 'within-run' }
}

const half = ({ low, high }: Interval) => (high - low) / 2

type Pair = readonly [over: number, under: number]

function pairs(
  over: ArmAnalysis,
  under: ArmAnalysis,
  figure: (trial: TrialFigures) => number | null,
): Pair[] {
  return [...over.byTrial].flatMap(([index, trial]): Pair[] => {
    const other = under.byTrial.get(index)
    const [a, b] = [figure(trial), other ? figure(other) : null]
    return a !== null && b !== null ? [[a, b]] : []
  })
}

/** Geometric mean of the ratios of paired trials, with a bootstrap interval; null with fewer than two. */
export function pairedRatio(paired: readonly Pair[], random: Random): Bounds | null {
  const ratio = (sample: readonly Pair[]) => geometricMean(sample.map(([a, b]) => a / b))
  const found = bootstrap(paired, (sample) => Math.log(ratio(sample)), random)
  if (!found) return null
  const [low, high] = [Math.exp(found.low), Math.exp(found.high)]
  return { value: ratio(paired), low, high, kind: 'between-trials' }
}

/** The users between which an arm's crossing must lie. */
function reach({ crossing, measured }: ArmAnalysis): Pick<Bounds, 'low' | 'high'> {
  const { state, interval, bracket } = crossing
  const anywhere = { low: 0, high: Infinity }
  if (state === 'crossed') return interval ?? bracket ?? anywhere
  if (state === 'crossed-below') return { low: 0, high: measured?.least ?? Infinity }
  if (state === 'no-valid-stage') return anywhere
  return { low: measured?.most ?? 0, high: Infinity }
}
