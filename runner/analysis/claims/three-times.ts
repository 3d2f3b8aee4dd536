import { crossingRatio } from '../ratio.ts'
import { cast, type Context } from './context.ts'
import { open, ratioText, within, type Judged } from './judged.ts'

/**
 * "About 3 times": 60 against 20. The article raised its users in steps of 10 and names the step, so
 * the true ratio may be as low as 50 / 30 or as high as 60 / 20; a factor of 1.5 either way of 3 holds
 * that and leaves no room for "twice at best" nor for "an order of magnitude".
 */
const ABOUT_THREE = { low: 2, high: 4.5 } as const

export function threeTimes(context: Context): Judged {
  const [pool, anew] = [cast(context, 'pooled'), cast(context, 'per-request')]
  if (typeof pool === 'string') return open(pool)
  if (typeof anew === 'string') return open(anew)
  const ratio = crossingRatio(pool, anew, context.random)
  const verdict = within(ratio, ABOUT_THREE)
  const ours = `${users(pool.crossing)} against ${users(anew.crossing)}: ${ratioText(ratio)}`
  return { ours, verdict, reason: why(verdict, ratio) }
}

function why(verdict: Judged['verdict'], { low, high }: { low: number; high: number }): string {
  if (verdict === 'reproduced') return 'the whole interval lies between 2 and 4.5'
  if (low > ABOUT_THREE.high) return 'the same direction, but the pool is ahead by more here'
  if (high < 1) return 'the other direction: a connection per request serves more users here'
  if (high < ABOUT_THREE.low) return 'the pool is ahead by less than twice here'
  return low > 1
    ? 'the pool is ahead, but the interval reaches beyond “about 3”'
    : 'the interval holds both “about 3” and no difference, or one arm did not cross'
}

function users(crossing: { users: number | null; state: string }): string {
  return crossing.users === null ? crossing.state.replaceAll('-', ' ') : crossing.users.toFixed(0)
}
