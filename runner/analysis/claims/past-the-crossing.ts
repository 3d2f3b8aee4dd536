import { levels, meanAt, type Level } from '../levels.ts'
import { levelAtCrossing } from './at-crossing.ts'
import { cast, type Context } from './context.ts'
import { open, type Judged } from './judged.ts'

/** From 60 to 70 the article raised its users by 17 %; less than a tenth more shows nothing. */
const FURTHER = 1.1
/** 60 to 70 users gave 100 to about 106 requests/s: a third of the growth in users. A half is the bound. */
const GROWTH_SHARE = 0.5

export function throughputStops(context: Context): Judged {
  const pool = cast(context, 'pooled')
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
