import type { Stage } from '../../measurement/stage.ts'
import { limitedByRunner } from '../runner-limits.ts'
import { OVERLOAD } from '../search.ts'
import { cast, type Context } from './context.ts'
import { open, type Judged } from './judged.ts'

/** "Dead": at least half of what is asked gets no good answer. */
const DEAD = 0.5

/**
 * Looks at stages that errors made invalid too: failing is what the claim is about. A stage in which the
 * runner itself was at its limit says nothing of the service and is left out.
 */
export function stopsAnswering(context: Context): Judged {
  const pool = cast(context, 'pooled')
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
  const mean = all.meanMs === null ? 'no answer' : `mean ${all.meanMs.toFixed(0)} ms`
  const failed = `${(100 * unanswered(stage)).toFixed(1)} % unanswered or failed`
  return `at ${users} users (${times} times the crossing): ${all.throughputPerS.toFixed(0)}/s, ${mean}, ${failed}`
}
