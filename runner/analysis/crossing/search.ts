import type { CheckId, Stage } from '../../measurement/stage.ts'
import { limitedByRunner } from '../validity.ts'
import { type Bracket, locate, responses, type ThresholdOn } from './estimate.ts'

export interface SearchOptions {
  readonly thresholdMs: number
  readonly thresholdOn: ThresholdOn
  /** Most users to try: what the front door and the runner are sized for. */
  readonly maxUsers?: number
  /** Where an earlier trial of the arm crossed: looked at first, and believed only if it holds. */
  readonly expected?: Bracket | undefined
  /** Most probes an arm's trial may take after its ramp. */
  readonly maxProbes?: number
}

type SearchEnd =
  | 'bracketed'
  | 'not-reached'
  | 'crossed-below'
  | 'limited-by-runner'
  | 'no-valid-stage'
  | 'probes-spent'

export type SearchStep =
  { readonly probe: number } | { readonly done: SearchEnd; readonly text: string }

const MAX_USERS = 4000
const MAX_PROBES = 12
const GROWTH = 2
/** Far from the threshold, below this share of it, the steps are larger. */
const FAR = 1 / 20
const FAR_GROWTH = 4
/** The last probe goes as far past the crossing as the article's 80 users are past its 60. */
export const OVERLOAD = 4 / 3
/** A stage can be invalid by bad luck: it is tried this often before it counts as a wall. */
const TRIES = 2
/** What may pass; a service at its end, or a runner that spends all its CPU, stays there. */
const TRANSIENT_CHECKS: ReadonlySet<CheckId> = new Set<CheckId>([
  'drift',
  'silence',
  'stolen',
  'client-event-loop',
])
/** At so many levels bad luck is no hole that could be stepped over, but a wall. */
const HOLES = 2

/**
 * What to measure next to find the crossing of one trial: grow geometrically from the ramp until the
 * threshold is reached (or shrink until it is not), narrow the bracket to within 5 %, then one probe past the crossing to see what the service does there. Decides by the stages
 * so far alone, so that a resumed run goes on as it would have.
 */
export function nextStep(stages: readonly Stage[], options: SearchOptions): SearchStep {
  const { maxUsers = MAX_USERS, maxProbes = MAX_PROBES } = options
  const spent = stages.filter(({ kind }) => kind === 'probe').length
  const wanted = nextProbe(stages, { ...options, maxUsers })
  if ('done' in wanted || spent < maxProbes) return wanted
  return { done: 'probes-spent', text: `${spent} probes were not enough` }
}

function nextProbe(
  stages: readonly Stage[],
  options: SearchOptions & { readonly maxUsers: number },
): SearchStep {
  const { thresholdMs, thresholdOn, maxUsers, expected } = options
  const points = responses(stages, thresholdOn)
  const tried = new Set(points.map(({ users }) => users))
  const last = stages.at(-1)
  if (last && !last.validity.valid && retry(stages, last)) return { probe: last.users }
  const located = locate(points, thresholdMs)
  const smallest = points[0]?.users ?? Math.min(...stages.map(({ users }) => users))
  if (located.state === 'crossed-below' || located.state === 'no-valid-stage') {
    const probe = Math.floor(Math.min(smallest, ...walls(stages, tried)) / GROWTH)
    if (probe >= 1) return { probe }
    return { done: located.state, text: `at ${smallest} users it is there already` }
  }
  const best = points.at(-1)
  if (located.state === 'not-reached' && best) {
    const known = [expected?.low ?? 0, expected?.high ?? 0].find((users) => users > best.users)
    if (known !== undefined && known <= maxUsers && walls(stages, tried).length === 0)
      return { probe: known }
    return grow(stages, best.users, best.ms < FAR * thresholdMs ? FAR_GROWTH : GROWTH, maxUsers)
  }
  if (located.state !== 'crossed') return { done: 'no-valid-stage', text: 'no stage is valid' }
  const { low, high } = located.bracket
  const probe = narrow(located.bracket, stages, thresholdMs)
  // Noise can make a level that was probed before fall out of the bracket: it is as narrow as it gets.
  if (probe !== null && blocked(stages, probe) < TRIES) return { probe }
  const beyond = Math.ceil(OVERLOAD * located.users)
  const most = Math.max(...stages.map(({ users }) => users))
  if (most < beyond && beyond <= maxUsers) return { probe: beyond }
  return { done: 'bracketed', text: `between ${low} and ${high} users` }
}

/** Above the largest good level: growing, or halving the way to a level that could not be measured. */
function grow(
  stages: readonly Stage[],
  good: number,
  growth: number,
  maxUsers: number,
): SearchStep {
  const walled = stages.filter(({ users, validity }) => users > good && !validity.valid)
  const wall = Math.min(...walled.map(({ users }) => users), Infinity)
  if (wall === Infinity) {
    if (good >= maxUsers) return { done: 'not-reached', text: `not reached by ${good} users` }
    return { probe: Math.min(maxUsers, good * growth) }
  }
  const beyond = Math.min(maxUsers, Math.max(...walled.map(({ users }) => users)) * GROWTH)
  if (walled.every(isTransient) && levels(walled) < HOLES && beyond > wall) return { probe: beyond }
  if (!isNarrow({ low: good, high: wall })) return { probe: Math.round(Math.sqrt(good * wall)) }
  const done = walled.some(limitedByRunner) ? 'limited-by-runner' : 'not-reached'
  return { done, text: `not reached by ${good} users, and ${wall} could not be measured` }
}

const blocked = (stages: readonly Stage[], users: number) =>
  stages.filter((stage) => stage.users === users && !stage.validity.valid).length

/** Only what may be bad luck is worth a second try. */
function retry(stages: readonly Stage[], { users, validity }: Stage): boolean {
  return isTransient({ validity }) && blocked(stages, users) < TRIES
}

const isTransient = ({ validity }: Pick<Stage, 'validity'>): boolean =>
  validity.reasons.every(({ check }) => TRANSIENT_CHECKS.has(check))

const levels = (stages: readonly Stage[]): number => new Set(stages.map(({ users }) => users)).size

function walls(stages: readonly Stage[], valid: ReadonlySet<number>): number[] {
  return stages.filter(({ users }) => !valid.has(users)).map(({ users }) => users)
}

/** Where a trial crossed, for the search of the next one. */
export function bracketOf(
  stages: readonly Stage[],
  { thresholdMs, thresholdOn }: Pick<SearchOptions, 'thresholdMs' | 'thresholdOn'>,
): Bracket | undefined {
  const located = locate(responses(stages, thresholdOn), thresholdMs)
  return located.state === 'crossed' ? located.bracket : undefined
}

/** A bracket this narrow, as a share of its lower end, is the answer. */
const WIDTH = 0.05

export const isNarrow = ({ low, high }: Bracket): boolean => high - low <= Math.max(1, WIDTH * low)
/** After so many probes the prediction has had its chance. */
const PREDICTING = 6

/**
 * The number of users to probe inside a bracket of the crossing; null if it is narrow enough.
 *
 * Past its knee a closed system answers at its ceiling X whatever the users, so the measured throughput at
 * the upper end foretells the crossing: N = X (threshold + think time). It is probed there, then a bracket's
 * width beside it. Where that leads nowhere the bracket is bisected on a logarithmic scale.
 *
 * Source: the interactive response time law and its asymptotic bounds, Denning and Buzen, The Operational
 * Analysis of Queueing Network Models, ACM Computing Surveys 10(3), 1978.
 */
function narrow(
  { low, high }: Bracket,
  stages: readonly Stage[],
  thresholdMs: number,
): number | null {
  if (isNarrow({ low, high })) return null
  const probes = stages.filter(({ kind }) => kind === 'probe').length
  const predicted = probes < PREDICTING ? predictCrossing(high, stages, thresholdMs) : null
  const middle = Math.round(Math.sqrt(low * high))
  const wanted = predicted === null ? null : towards(predicted, low, high)
  return [wanted, middle].find((users) => users !== null && users > low && users < high) ?? null
}

/** The predicted number itself, or, if it is beside an end, the number that closes the bracket there. */
function towards(predicted: number, low: number, high: number): number | null {
  const [beside, step] = [1 + WIDTH / 2, 1 + WIDTH]
  if (predicted < low / step || predicted > high * step) return null
  if (predicted <= low * beside) return Math.floor(low * step)
  if (predicted >= high / beside) return Math.ceil(high / step)
  return predicted
}

function predictCrossing(
  high: number,
  stages: readonly Stage[],
  thresholdMs: number,
): number | null {
  const stage = stages.findLast(({ users, validity }) => users === high && validity.valid)
  if (stage === undefined) return null
  const thinkMs = (stage.thinkMs.min + stage.thinkMs.max) / 2
  return Math.round((stage.all.throughputPerS * (thresholdMs + thinkMs)) / 1000)
}
