import type { Stage } from '../measurement/stage.ts'
import { mean, quantile } from './statistics/moments.ts'

/** Seconds that tell what a usual one is. */
export const LEAST_SECONDS = 3

type Window = Pick<Stage, 'seconds' | 'users' | 'thinkMs'>

/** Standard errors of a pair's requests that chance explains: a window has several pairs, and the worst is looked at. */
const ERRORS = 3
/** In requests: what the places of its two edges between a user's requests do to a count, at most. */
const EDGES = 1 / 4

/** What a user lost in two neighbouring seconds of a window, beyond what two of its usual seconds take. */
export type Stall = Readonly<{
  /** s of each user's time, beyond what chance explains. */
  lostS: number
  /** s by which the requests of a pair say less or more by chance. */
  chanceS: number
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
  const thinkVariance = ((thinkMs.max - thinkMs.min) / 1000) ** 2 / 12
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
    const cycleS = thinkS + answerS
    // Without an answer and without a pause there is no cycle.
    if (cycleS === 0) return { lostS: 0, chanceS: 0, waiting: 0 }
    const expected = Math.min(
      usual((row) => row.sent),
      users / cycleS,
    )
    const waits = sum(pair.map(({ waitedS }) => waitedS)) - 2 * usual(({ waitedS }) => waitedS)
    const unsent = expected === 0 ? 0 : 2 - sum(pair.map(({ sent }) => sent)) / expected
    const chanceS = chanceOf(expected, users, (thinkVariance + answerS ** 2) / cycleS ** 2)
    const waiting = answerS / cycleS
    // Whoever waits at an edge of the pair waits on: an answer's time is that of the second that it was sent in.
    const edgesS = ERRORS * answerS * Math.sqrt((2 * waiting * (2 - waiting)) / users)
    return { lostS: Math.max(waits - edgesS, unsent - chanceS), chanceS, waiting }
  })
  return pairs.reduce((most, pair) => (pair.lostS > most.lostS ? pair : most))
}

/**
 * How far the requests of two seconds are from their mean by chance, in s of each user's time: a user's are those of
 * a renewal process, more even than a Poisson process where its pauses are alike and several fall into a pair.
 *
 * @param expected requests a second
 * @param spread squared coefficient of variation of a user's cycle
 * Source: Cox, Renewal Theory, 1962, chapter 4: variance of the number of renewals.
 */
function chanceOf(expected: number, users: number, spread: number): number {
  if (expected === 0) return 0
  const each = (2 * expected) / users
  const variance = users * Math.min(each, spread * each + EDGES)
  return (ERRORS * Math.sqrt(variance)) / expected
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
