import { meanAt } from '../levels.ts'
import { appLimitCores, levelAtCrossing } from './at-crossing.ts'
import { cast, type Context } from './context.ts'
import { databaseWork } from './database-work.ts'
import { both, open, ratioText, within, type Judged } from './judged.ts'

/** 20 % against 40 % of the same database host. */
const TWICE = { low: 2, high: Infinity } as const
/**
 * A part is not what saturates while it uses at most four fifths of what it may: the article saw half,
 * and past four fifths a queue before it grows fast (M/M/1: five in the system at 0.83).
 */
const SATURATED = 0.8

export function twiceTheWork(context: Context): Judged {
  const [anew, pool] = [cast(context, 'per-request'), cast(context, 'pooled')]
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
    reason: why(verdict, idle, work.high < TWICE.low),
  }
}

function why(verdict: Judged['verdict'], idle: boolean, less: boolean): string {
  if (verdict === 'reproduced') return 'at least twice the work, and the app is not what saturates'
  if (verdict === 'inconclusive') return 'the interval of the ratio holds 2'
  if (less && !idle) return 'less than twice the work, and the app itself is saturated'
  return less ? 'less than twice the work' : 'the app itself is saturated at the crossing'
}
