import type { Run } from '../../measurement/run.ts'
import type { Stage } from '../../measurement/stage.ts'
import type { ArmAnalysis } from '../arm-analysis.ts'
import { OVERLOAD } from '../crossing/search.ts'
import { type Level, levels, meanAt } from '../levels.ts'
import { type Bounds, ceilingRatio, crossingRatio, pairedRatio } from '../ratio.ts'
import { halfWidth } from '../statistics/batch-means.ts'
import { geometricMean } from '../statistics/bootstrap.ts'
import { mean, type Random, variance } from '../statistics/moments.ts'
import { limitedByRunner } from '../validity.ts'
import { ARTICLE_ARMS } from './article.ts'
import {
  appLimitCores,
  armForRole,
  both,
  type Context,
  type Judged,
  levelAtCrossing,
  open,
  ratioText,
  within,
} from './verdict.ts'

/**
 * "About 3 times": 60 against 20. The article raised its users in steps of 10 and names the step, so
 * the true ratio may be as low as 50 / 30 or as high as 60 / 20; a factor of 1.5 either way of 3 holds
 * that and leaves no room for "twice at best" nor for "an order of magnitude".
 */
const ABOUT_THREE = { low: 2, high: 4.5 } as const

export function threeTimes(context: Context): Judged {
  const [pool, anew] = [armForRole(context, 'pooled'), armForRole(context, 'per-request')]
  if (typeof pool === 'string') return open(pool)
  if (typeof anew === 'string') return open(anew)
  const ratio = crossingRatio(pool, anew, context.random)
  const verdict = within(ratio, ABOUT_THREE)
  const ours = `${usersText(pool.crossing)} against ${usersText(anew.crossing)}: ${ratioText(ratio)}`
  return { ours, verdict, reason: threeTimesReason(verdict, ratio) }
}

function threeTimesReason(
  verdict: Judged['verdict'],
  { low, high }: { low: number; high: number },
): string {
  if (verdict === 'reproduced') return 'the whole interval lies between 2 and 4.5'
  if (low > ABOUT_THREE.high) return 'the same direction, but the pool is ahead by more here'
  if (high < 1) return 'the other direction: a connection per request serves more users here'
  if (high < ABOUT_THREE.low) return 'the pool is ahead by less than twice here'
  return low > 1
    ? 'the pool is ahead, but the interval reaches beyond “about 3”'
    : 'the interval holds both “about 3” and no difference, or one arm did not cross'
}

function usersText(crossing: { users: number | null; state: string }): string {
  return crossing.users === null ? crossing.state.replaceAll('-', ' ') : crossing.users.toFixed(0)
}

/** 20 % against 40 % of the same database host. */
const TWICE = { low: 2, high: Infinity } as const
/**
 * A part is not what saturates while it uses at most four fifths of what it may: the article saw half,
 * and past four fifths a queue before it grows fast (M/M/1: five in the system at 0.83).
 */
const SATURATED = 0.8

export function twiceTheWork(context: Context): Judged {
  const [anew, pool] = [armForRole(context, 'per-request'), armForRole(context, 'pooled')]
  if (typeof anew === 'string') return open(anew)
  if (typeof pool === 'string') return open(pool)
  const arms = [anew.crossing.arm, pool.crossing.arm] as const
  const work = databaseWork(context.run, arms, context.random)
  if (!work) return open('the database’s CPU was not seen at a step that both arms share')
  const ours = `database CPU a request ${ratioText(work)}`
  const level = levelAtCrossing(context.run, anew.crossing)
  if (!level) return open(`${arms[0]} did not cross: nothing saturated`, ours)
  const app = meanAt(level, ({ cpu }) => cpu.app?.cores)
  if (app === null) return open('the app’s CPU was not seen at the crossing', ours)
  // Without a limit one core is what one single-threaded server process can use.
  const limit = appLimitCores(context.run, arms[0]) ?? 1
  const used = app / limit
  const idle = used <= SATURATED
  const verdict = both(within(work, TWICE), idle ? 'reproduced' : 'not reproduced')
  const share = `${(100 * used).toFixed(0)} % of its ${limit} core${limit === 1 ? '' : 's'}`
  return {
    ours: `${ours}; app at ${share} at ${level.users} users`,
    verdict,
    reason: workReason(verdict, idle, work.high < TWICE.low),
  }
}

function workReason(verdict: Judged['verdict'], idle: boolean, less: boolean): string {
  if (verdict === 'reproduced') return 'at least twice the work, and the app is not what saturates'
  if (verdict === 'inconclusive') return 'the interval of the ratio holds 2'
  if (less && !idle) return 'less than twice the work, and the app itself is saturated'
  return less ? 'less than twice the work' : 'the app itself is saturated at the crossing'
}

/**
 * Database CPU for each request of one arm over that of another, at the steps of the ramp that are valid
 * in both: equal users, so nearly equal load. With several trials a bootstrap over them; with one the
 * interval is Student's t on the logarithms over the steps, of which the article's ramp has four.
 *
 * @returns null where the database's CPU was not seen in both
 */
function databaseWork(
  run: Pick<Run, 'trials'>,
  [over, under]: readonly [string, string],
  random: Random,
): Bounds | null {
  const indexes = [...new Set(run.trials.map(({ index }) => index))]
  const byTrial = indexes.map((index) => {
    const trials = run.trials.filter((trial) => trial.index === index)
    return stepRatios({ trials }, over, under)
  })
  const found = byTrial.filter((ratios) => ratios.length > 0)
  const between = pairedRatio(
    found.map((ratios) => [geometricMean(ratios), 1]),
    random,
  )
  if (between) return between
  const ratios = found[0]
  if (!ratios) return null
  const value = geometricMean(ratios)
  if (ratios.length < 3) return { value, low: value, high: value, kind: 'bracket' }
  const logs = ratios.map(Math.log)
  const error = Math.sqrt(variance(logs) / logs.length)
  const half = halfWidth({ mean: mean(logs), error, freedom: logs.length - 1 })
  return { value, low: value * Math.exp(-half), high: value * Math.exp(half), kind: 'within-run' }
}

function stepRatios(run: Pick<Run, 'trials'>, over: string, under: string): number[] {
  const ramp = (arm: string) => levels(run, arm).filter((level) => level.ramp)
  return ramp(over).flatMap((level) => {
    const other = ramp(under).find(({ users }) => users === level.users)
    const [a, b] = [meanAt(level, work), other ? meanAt(other, work) : null]
    return a !== null && b !== null && b > 0 ? [a / b] : []
  })
}

const work = ({ cpu }: Stage) => cpu.db?.usPerRequest

/**
 * "Level": the usual band of equivalence for ratios, 0.8 to 1.25, symmetric on the logarithm. It is about
 * what the article could tell apart: a step of 10 users in 60.
 * Source: FDA, Statistical Approaches to Establishing Bioequivalence, 2001; two one-sided tests,
 * Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15(6), 1987.
 */
const LEVEL = { low: 0.8, high: 1.25 } as const

export function levelWithPool(context: Context): Judged {
  const [kept, pool] = [armForRole(context, 'persistent'), armForRole(context, 'pooled')]
  if (typeof kept === 'string') return open(kept)
  if (typeof pool === 'string') return open(pool)
  return judgeLevel(kept, pool, context.random)
}

/** Are two arms level in users and in requests/s? */
function judgeLevel(kept: ArmAnalysis, pool: ArmAnalysis, random: Random): Judged {
  const users = crossingRatio(kept, pool, random)
  const short = [kept, pool].find(({ crossing }) => crossing.state !== 'crossed')
  // The most requests seen are a ceiling only of an arm that was pushed past its crossing.
  if (short && within(users, LEVEL) === 'inconclusive') {
    const reason = `${short.crossing.arm} did not cross: neither level nor apart is shown`
    return open(reason, `users ${ratioText(users)}`)
  }
  if (short) {
    const reason = `of ${short.crossing.arm} only a bound is known, and it lies outside 0.8 to 1.25`
    return { ours: `users ${ratioText(users)}`, verdict: 'not reproduced', reason }
  }
  const ceiling = ceilingRatio(kept, pool, random)
  if (!ceiling) return open('an arm has no ceiling', `users ${ratioText(users)}`)
  const verdict = both(within(users, LEVEL), within(ceiling, LEVEL))
  const reasons = {
    reproduced: 'both intervals lie between 0.8 and 1.25: level, whatever the sign of the rest',
    'not reproduced': 'at least one of the two lies outside 0.8 to 1.25',
    inconclusive: 'an interval reaches beyond 0.8 to 1.25: neither level nor apart is shown',
  }
  return {
    ours: `users ${ratioText(users)}; requests/s ${ratioText(ceiling)}`,
    verdict,
    reason: reasons[verdict],
  }
}

/** From 60 to 70 the article raised its users by 17 %; less than a tenth more shows nothing. */
const FURTHER = 1.1
/** 60 to 70 users gave 100 to about 106 requests/s: a third of the growth in users. A half is the bound. */
const GROWTH_SHARE = 0.5

export function throughputStops(context: Context): Judged {
  const pool = armForRole(context, 'pooled')
  if (typeof pool === 'string') return open(pool)
  const near = levelAtCrossing(context.run, pool.crossing)
  if (!near) return open(`${pool.crossing.arm} did not cross: there is no “past the crossing”`)
  const far = levels(context.run, pool.crossing.arm)
    .filter((level) => level.valid.length > 0 && level.users >= FURTHER * near.users)
    .at(-1)
  if (!far) return open(`no valid stage lies a tenth or more past ${near.users} users`)
  const [before, after] = [state(near), state(far)]
  if (!before || !after) return open('a stage past the crossing has no figures')
  const users = far.users / near.users - 1
  const throughput = after.perS / before.perS - 1
  const response = after.ms / before.ms - 1
  const stops = throughput <= GROWTH_SHARE * users
  const grows = response > users
  const reproduced = stops && grows
  return {
    ours:
      `${near.users} to ${far.users} users (${signed(users)}): throughput ${before.perS.toFixed(0)} to ` +
      `${after.perS.toFixed(0)}/s (${signed(throughput)}), response time ${before.ms.toFixed(0)} to ` +
      `${after.ms.toFixed(0)} ms (${signed(response)})`,
    verdict: reproduced ? 'reproduced' : 'not reproduced',
    reason: reproduced
      ? 'throughput stands while the response time grows faster than the users'
      : stops
        ? 'the response time grows no faster than the users'
        : 'throughput still grows past the crossing',
  }
}

function state(level: Level): { perS: number; ms: number } | null {
  const perS = meanAt(level, ({ all }) => all.throughputPerS)
  const ms = meanAt(level, ({ all }) => all.meanMs)
  return perS === null || ms === null ? null : { perS, ms }
}

function signed(ratio: number): string {
  const percent = Math.round(100 * ratio)
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent)} %`
}

/** "Dead": at least half of what is asked gets no good answer. */
const DEAD = 0.5

/**
 * Looks at stages that errors made invalid too: failing is what the claim is about. A stage in which the
 * runner itself was at its limit says nothing of the service and is left out.
 */
export function stopsAnswering(context: Context): Judged {
  const pool = armForRole(context, 'pooled')
  if (typeof pool === 'string') return open(pool)
  const { arm, users } = pool.crossing
  if (users === null) return open(`${arm} did not cross: there is no “past the crossing”`)
  // The search probes the next whole number of users, so a little less than 4/3 will do.
  const past = context.run.trials
    .filter((trial) => trial.arm === arm)
    .flatMap(({ stages }) => stages)
    .filter((stage) => stage.users >= 0.99 * OVERLOAD * users && !limitedByRunner(stage))
    .toSorted((a, b) => a.users - b.users)
  const [first] = past
  if (!first) return open(`no stage lies a third or more past ${users.toFixed(0)} users`)
  const dead = past.find((stage) => unanswered(stage) >= DEAD)
  const shown = dead ?? past.at(-1) ?? first
  return {
    ours: sentence(shown, users),
    verdict: dead ? 'reproduced' : 'not reproduced',
    reason: dead
      ? 'half or more of the requests get no good answer'
      : 'it gets slower, and goes on answering',
  }
}

function unanswered({ outcomes: { sent, succeeded } }: Stage): number {
  return sent === 0 ? 1 : 1 - succeeded / sent
}

function sentence(stage: Stage, crossing: number): string {
  const { users, all } = stage
  const times = (users / crossing).toFixed(1)
  const response = all.meanMs === null ? 'no answer' : `mean ${all.meanMs.toFixed(0)} ms`
  const failed = `${(100 * unanswered(stage)).toFixed(1)} % unanswered or failed`
  return `at ${users} users (${times} times the crossing): ${all.throughputPerS.toFixed(0)}/s, ${response}, ${failed}`
}

/** 20 against 60, with the same room as the reverse: the ratio of pool to default is between 2 and 4.5. */
const ABOUT_A_THIRD = { low: 1 / 4.5, high: 1 / 2 } as const

const { pooled: FASTAPI, persistent: KEPT, 'per-request': DEFAULT } = ARTICLE_ARMS

/** Did both of the article's own contenders run? Without them nothing can be said of the frameworks. */
const ran =
  (...names: readonly string[]) =>
  ({ run }: Context): boolean =>
    names.every((name) => run.trials.some(({ arm }) => arm === name))

export const frameworksRan = ran(FASTAPI, KEPT)
export const defaultRan = ran(FASTAPI, DEFAULT)

/** Each at its best: is it the framework, or what it is set to do with its connections? */
export function frameworksLevel(context: Context): Judged {
  const [kept, pool] = [contender(context, KEPT), contender(context, FASTAPI)]
  if (typeof kept === 'string') return open(kept)
  if (typeof pool === 'string') return open(pool)
  return judgeLevel(kept, pool, context.random)
}

export function defaultAtAThird(context: Context): Judged {
  const [anew, pool] = [contender(context, DEFAULT), contender(context, FASTAPI)]
  if (typeof anew === 'string') return open(anew)
  if (typeof pool === 'string') return open(pool)
  const ratio = crossingRatio(anew, pool, context.random)
  const verdict = within(ratio, ABOUT_A_THIRD)
  const ours = `${DEFAULT} over ${FASTAPI}: users ${ratioText(ratio)}`
  return { ours, verdict, reason: thirdReason(verdict, ratio) }
}

function thirdReason(
  verdict: Judged['verdict'],
  { low, high }: Pick<Bounds, 'low' | 'high'>,
): string {
  if (verdict === 'reproduced') return 'the whole interval lies between 1/4.5 and 1/2'
  if (high < ABOUT_A_THIRD.low) return 'the same direction, but it falls behind by more here'
  if (low > 1) return 'the other direction: Django’s default serves more users here'
  if (low > ABOUT_A_THIRD.high) return 'it serves more than half the users here'
  return 'the interval reaches beyond “about a third”, or one arm did not cross'
}

function contender({ arms }: Context, name: string): ArmAnalysis | string {
  const analysis = arms.get(name)
  return analysis?.measured ? analysis : `${name} has no valid stage`
}
