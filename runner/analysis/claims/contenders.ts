import { ARTICLE_ARMS } from '../article.ts'
import type { ArmAnalysis } from '../arm-analysis.ts'
import { crossingRatio, type Bounds } from '../ratio.ts'
import type { Context } from './context.ts'
import { open, ratioText, within, type Judged } from './judged.ts'
import { judgeLevel } from './level-with-pool.ts'

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
  return { ours, verdict, reason: why(verdict, ratio) }
}

function why(verdict: Judged['verdict'], { low, high }: Pick<Bounds, 'low' | 'high'>): string {
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
