import type { Stage } from '../../measurement/stage.ts'
import { UTILISATION } from '../levels.ts'
import { geometricMean } from '../statistics/moments.ts'
import { checksThat } from '../checks/checks.ts'
import { limitedByRunner } from '../validity.ts'
import {
  type Bracket,
  locate,
  responses,
  type Response,
  type ThresholdOn,
  trialCrossings,
} from './estimate.ts'
import { fitLaw } from './law.ts'

export type SearchOptions = Readonly<{
  thresholdMs: number
  thresholdOn: ThresholdOn
  /** Most users to try: what the front door and the runner are sized for (runner/plan/size.ts). */
  maxUsers?: number
  /** Users at which earlier trials of the arm crossed: looked at first, and believed only if it holds. */
  expected?: number | undefined
  /** Valid stages near the threshold that a trial is to have. */
  nearStages?: number | undefined
  /** By what a pilot multiplied the ramp of the profile; absent: the ramp is as it was asked for. */
  rampFactor?: number | undefined
  /** Most probes an arm's trial may take after its ramp; the last are kept for 70 % and for past the crossing. */
  maxProbes?: number | undefined
}>

type SearchEnd =
  | 'found'
  | 'not-reached'
  | 'crossed-below'
  | 'limited-by-runner'
  | 'no-valid-stage'
  | 'probes-spent'

export type SearchStep =
  { readonly probe: number } | { readonly done: SearchEnd; readonly text: string }

export const MAX_USERS = 4000
export const MAX_PROBES = 12
export const NEAR_STAGES = 3
/** A response time within this factor of the threshold is near it. */
const NEAR = 2
/** From this share of the threshold on a stage is past the knee, and the law predicts the crossing. */
const PAST_KNEE = 1 / 5
const GROWTH = 2
/** Far from the threshold, below this share of it, the steps are larger. */
const FAR = 1 / 20
const FAR_GROWTH = 3
/** A ramp that a pilot scaled ends near the crossing: further jumps overload the arm, and measure its queue. */
const SCALED_GROWTH = 3 / 2
/** The last probe goes as far past the crossing as a study's 80 users past its 60. */
const OVERLOAD = 4 / 3
/** The crossing moves a little with each stage: what was far past it a stage ago still is. */
const NEARLY = 0.95
/** Around the expected crossing, so that the points also show the slope there. */
const PLACES = [1, 1.04, 0.96, 1.02, 0.98]
/** A stage can be invalid by chance: it is tried this often before it counts as a wall. */
const TRIES = 2
/** What may pass; a service at its end, or a runner that spends all its CPU, stays there. */
const TRANSIENT = checksThat(({ transient }) => transient)
/** A bracket this narrow, as a share of its lower end, needs no more probes inside. */
const WIDTH = 0.05
const isNarrow = ({ low, high }: Bracket): boolean => high - low <= Math.max(1, WIDTH * low)
/** At so many levels chance is no hole that could be stepped over, but a wall. */
const HOLES = 2

/**
 * What to measure next in one trial, so that the crossing can be estimated from it: grow from the ramp until
 * the response time is past its knee, then hold users near where the law predicts the crossing, then one
 * probe past it to see what the service does there. Only finds where to look: the estimate is made of all
 * valid stages (law.ts). Decides by the stages so far alone, so that a resumed run continues as it would have.
 */
export function nextStep(stages: readonly Stage[], options: SearchOptions): SearchStep {
  const { maxUsers = MAX_USERS, maxProbes = MAX_PROBES } = options
  const spent = stages.filter(({ kind }) => kind === 'probe').length
  const wanted = nextProbe(stages, { ...options, maxUsers, left: maxProbes - spent })
  if ('done' in wanted || spent < maxProbes) return wanted
  return { done: 'probes-spent', text: `${spent} probes were not enough` }
}

type Options = SearchOptions & { readonly maxUsers: number; readonly left: number }

function nextProbe(stages: readonly Stage[], options: Options): SearchStep {
  const { thresholdMs, thresholdOn, maxUsers } = options
  const points = responses(stages, thresholdOn)
  const last = stages.at(-1)
  if (last && !last.validity.valid && retry(stages, last)) return { probe: last.users }
  const located = locate(points, thresholdMs)
  const smallest = points[0]?.users ?? Math.min(...stages.map(({ users }) => users))
  if (located.state === 'crossed-below' || located.state === 'no-valid-stage') {
    const lowest = Math.min(smallest, ...walls(stages, points))
    const probe = Math.floor(belowRamp(lowest, stages, points, options))
    if (probe >= 1) return { probe }
    return { done: located.state, text: `at ${smallest} users it is there already` }
  }
  const predicted = predictCrossing(stages, points, options)
  const best = points.at(-1)
  if (located.state === 'not-reached' && best) {
    // From below the knee the law says little of where the knee is: no further than the next step up.
    const ahead = predicted === null ? null : Math.min(predicted, GROWTH * best.users)
    const beyond = ahead !== null && ahead > best.users ? ahead : options.expected
    const known = beyond !== undefined && beyond > best.users * 1.005 ? Math.ceil(beyond) : null
    const busy = known === null ? null : busyUsers(known, stages, thresholdMs)
    if (busy !== null && busy > best.users && !isHeld(busy, points)) return { probe: busy }
    if (known !== null && known <= maxUsers && walls(stages, points).length === 0)
      return { probe: known }
    const unscaled = best.ms < FAR * thresholdMs ? FAR_GROWTH : GROWTH
    const growth = options.rampFactor === undefined ? unscaled : SCALED_GROWTH
    return grow(stages, best.users, growth, maxUsers)
  }
  if (located.state !== 'crossed') return { done: 'no-valid-stage', text: 'no stage is valid' }
  const place = predicted ?? located.users
  const near = points.filter(({ ms }) => ms >= thresholdMs / NEAR && ms <= thresholdMs * NEAR)
  const busy = busyUsers(place, stages, thresholdMs)
  const wantsBusy = busy !== null && !isHeld(busy, points) && blocked(stages, busy) < TRIES
  const beyond = Math.ceil(OVERLOAD * place)
  const most = Math.max(...stages.map(({ users }) => users))
  const wantsBeyond = most < beyond * NEARLY && beyond <= maxUsers
  const spare = options.left - Number(wantsBusy) - Number(wantsBeyond)
  if (near.length < (options.nearStages ?? NEAR_STAGES) && spare > 0) {
    const probe = untried(place, near.length, stages, located.bracket)
    if (probe !== null && probe <= maxUsers) return { probe }
  }
  if (wantsBusy) return { probe: busy }
  if (wantsBeyond) return { probe: beyond }
  return { done: 'found', text: `near ${Math.round(place)} users` }
}

/** Of the lowest that was too high: no nearer to it, for that it is too high is known. */
const LOWER = 0.9

/** Where to look below everything so far: where earlier trials crossed, else where a saturated service's law says. */
function belowRamp(
  lowest: number,
  stages: readonly Stage[],
  points: readonly Response[],
  options: Options,
): number {
  const { expected = lowest } = options
  if (expected < lowest) return expected
  const predicted = predictCrossing(stages, points, options)
  return predicted !== null && predicted < lowest
    ? Math.min(predicted, LOWER * lowest)
    : lowest / GROWTH
}

/** Within this factor of a number of users another stands for it. */
const ABOUT = 1.25
const isHeld = (wanted: number, points: readonly Response[]): boolean =>
  points.some(({ users }) => users <= wanted * ABOUT && users >= wanted / ABOUT)

/**
 * Users at which an arm that crosses at `place` serves 70 % of what it serves there: where its requests cost
 * what they cost a busy service, and half of the way up to the crossing, so that no trial jumps there.
 */
function busyUsers(place: number, stages: readonly Stage[], thresholdMs: number): number | null {
  const [first] = stages
  if (!first) return null
  const thinkMs = (first.thinkMs.min + first.thinkMs.max) / 2
  const users = Math.round((UTILISATION * place * thinkMs) / (thinkMs + thresholdMs))
  return users >= 1 ? users : null
}

/** By the law, from this trial's own stages, once one of them is past the knee; null before. */
function predictCrossing(
  stages: readonly Stage[],
  points: readonly Response[],
  { thresholdMs, thresholdOn }: Options,
): number | null {
  const [first] = stages
  if (!first || thresholdOn !== 'mean') return null
  if (!points.some(({ ms }) => ms >= PAST_KNEE * thresholdMs)) return null
  const thinkMs = (first.thinkMs.min + first.thinkMs.max) / 2
  return fitLaw([points], { thresholdMs, thinkMs })[0]?.crossing(thresholdMs) ?? null
}

/** A number of users by the predicted crossing that was not held yet; in the bracket's middle if all were. */
function untried(
  place: number,
  at: number,
  stages: readonly Stage[],
  bracket: Bracket,
): number | null {
  const held = new Set(stages.map(({ users }) => users))
  const around = PLACES.map((_, next) => PLACES[(at + next) % PLACES.length] ?? 1)
  const wanted = around.map((factor) => Math.round(place * factor))
  const middle = isNarrow(bracket) ? [] : [Math.round(Math.sqrt(bracket.low * bracket.high))]
  return [...wanted, ...middle].find((users) => users >= 1 && !held.has(users)) ?? null
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
    return { probe: Math.min(maxUsers, Math.ceil(good * growth)) }
  }
  const beyond = Math.min(maxUsers, Math.max(...walled.map(({ users }) => users)) * GROWTH)
  if (walled.every(mayPass) && levels(walled) < HOLES && beyond > wall) return { probe: beyond }
  if (!isNarrow({ low: good, high: wall })) return { probe: Math.round(Math.sqrt(good * wall)) }
  const done = walled.some(limitedByRunner) ? 'limited-by-runner' : 'not-reached'
  return { done, text: `not reached by ${good} users, and ${wall} could not be measured` }
}

const blocked = (stages: readonly Stage[], users: number) =>
  stages.filter((stage) => stage.users === users && !stage.validity.valid).length

/** Only what may pass is worth a second try. */
function retry(stages: readonly Stage[], { users, validity }: Stage): boolean {
  return mayPass({ validity }) && blocked(stages, users) < TRIES
}

const mayPass = ({ validity }: Pick<Stage, 'validity'>): boolean =>
  validity.reasons.every(({ check }) => TRANSIENT.has(check))

const levels = (stages: readonly Stage[]): number => new Set(stages.map(({ users }) => users)).size

function walls(stages: readonly Stage[], valid: readonly Response[]): number[] {
  const good = new Set(valid.map(({ users }) => users))
  return stages.filter(({ users }) => !good.has(users)).map(({ users }) => users)
}

/** Where the trials so far crossed, for the search of the next one; undefined if none did. */
export function earlierCrossing(
  earlier: readonly { readonly stages: readonly Stage[] }[],
  options: Pick<SearchOptions, 'thresholdMs' | 'thresholdOn'>,
): number | undefined {
  // A trial without a valid stage has no curve to fit.
  const trials = earlier.filter(({ stages }) => stages.some(({ validity }) => validity.valid))
  const [first] = trials.flatMap(({ stages }) => stages)
  if (!first) return undefined
  const thinkMs = (first.thinkMs.min + first.thinkMs.max) / 2
  const means = trials.map(({ stages }) => responses(stages, 'mean'))
  const fits = fitLaw(means, { thresholdMs: options.thresholdMs, thinkMs })
  const found = trialCrossings(
    trials.map(({ stages }) => responses(stages, options.thresholdOn)),
    options,
    fits,
  ).flatMap((trial) => (trial.state === 'crossed' ? [trial.users] : []))
  return found.length === 0 ? undefined : geometricMean(found)
}
