import type { ArmAnalysis } from '../arm-analysis.ts'
import type { Random } from '../random.ts'
import { ceilingRatio, crossingRatio } from '../ratio.ts'
import { cast, type Context } from './context.ts'
import { both, open, ratioText, within, type Judged } from './judged.ts'

/**
 * "Level": the usual band of equivalence for ratios, 0.8 to 1.25, symmetric on the logarithm. It is about
 * what the article could tell apart: a step of 10 users in 60.
 * Source: FDA, Statistical Approaches to Establishing Bioequivalence, 2001; two one-sided tests,
 * Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15(6), 1987.
 */
const LEVEL = { low: 0.8, high: 1.25 } as const

export function levelWithPool(context: Context): Judged {
  const [kept, pool] = [cast(context, 'persistent'), cast(context, 'pooled')]
  if (typeof kept === 'string') return open(kept)
  if (typeof pool === 'string') return open(pool)
  return judgeLevel(kept, pool, context.random)
}

/** Are two arms level in users and in requests/s? */
export function judgeLevel(kept: ArmAnalysis, pool: ArmAnalysis, random: Random): Judged {
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
