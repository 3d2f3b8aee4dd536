import type { Stage } from '../measurement/stage.ts'
import { mean, quantile } from './statistics/moments.ts'

/** Seconds that tell what a usual one is. */
export const LEAST_SECONDS = 3

type Window = Pick<Stage, 'seconds' | 'users' | 'thinkMs'>

/** What a user lost in two neighbouring seconds of a window, beyond what two of its usual seconds take. */
export type Stall = Readonly<{
  /** s of each user's time. */
  lostS: number
  /** Share of a user's cycle that waiting takes in a usual second. */
  waiting: number
}>

/**
 * The two neighbouring seconds of a window in which its users lost most: two, since a stall falls into two.
 * Where a part stands still every user waits, so what is lost can be seen in two ways, and neither needs a long
 * window: the requests that are sent wait long, and others are not sent that N users would send by
 * N = X (R + Z). The first shows a stall that outlasts the window, the second one that began before it. What is
 * usual is the median of the other seconds.
 *
 * @returns null for a window that is too short to tell
 */
export function mostLost({ seconds, users, thinkMs }: Window): Stall | null {
  if (seconds.length < LEAST_SECONDS) return null
  const thinkS = mean([thinkMs.min, thinkMs.max]) / 1000
  const rows = seconds.map(({ requests, failed, meanMs }) => {
    const answerS = (meanMs ?? 0) / 1000
    return { sent: requests + failed, answerS, waitedS: (requests * answerS) / users }
  })
  const pairs = rows.slice(1).map((second, at): Stall => {
    const pair = [rows[at] ?? second, second]
    const others = rows.toSpliced(at, 2)
    const usual = (figure: (row: (typeof rows)[number]) => number) =>
      quantile(others.map(figure), 0.5)
    const answerS = usual((row) => row.answerS)
    const expected = Math.min(
      usual((row) => row.sent),
      users / (thinkS + answerS),
    )
    const waits = sum(pair.map(({ waitedS }) => waitedS)) - 2 * usual(({ waitedS }) => waitedS)
    const unsent = expected === 0 ? 0 : 2 - sum(pair.map(({ sent }) => sent)) / expected
    // Without an answer and without a pause there is no cycle.
    const waiting = answerS === 0 ? 0 : answerS / (answerS + thinkS)
    return { lostS: Math.max(waits, unsent), waiting }
  })
  return pairs.reduce((most, pair) => (pair.lostS > most.lostS ? pair : most))
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
