import { driftNoise, LEAST_SECONDS, silentHalf } from '../drift.ts'
import { LEAST_SECONDS as LEAST_OF_STALL, mostLost } from '../stall.ts'
import { check, counted, percent, roundPercent, type Unjudged } from './check.ts'

/** s of two neighbouring seconds. */
const UNTOLD_S = 1

/** Were all parts in one state from the first second of the window to the last? */
export const STEADY_STATE = [
  check({
    id: 'restarts',
    bounds: { most: 0 },
    blames: 'service',
    transient: false,
    sentence: () => 'a part restarts',
    judge({ restarts: figure }, { most: bound }) {
      if (figure <= bound) return null
      return { figure, bound, text: `${counted(figure, 'restart')} of a part` }
    },
  }),
  check({
    id: 'oom-kills',
    bounds: { most: 0 },
    blames: 'service',
    transient: false,
    sentence: () => 'a part is killed because of its memory limit',
    judge({ oomKills: figure }, { most: bound }) {
      if (figure <= bound) return null
      return { figure, bound, text: counted(figure, 'out-of-memory kill') }
    },
  }),
  check({
    id: 'drift',
    bounds: {
      /** Relative, and the accuracy that the instrument is calibrated to: less is no drift. */
      ratio: 0.1,
      ms: 0.5,
      /** Relative, where it moves the cycle of a user by that share: more is no steady state, noise or not. */
      anyway: 0.5,
      ofCycle: 0.05,
      /** Of shorter windows the halves differ by as much when nothing drifts: near the crossing one in three did. */
      anywayFromS: 10,
    },
    blames: 'service',
    transient: true,
    sentence: ({ ratio, ms }) =>
      `the mean response times of the two halves of the window differ by more than ${roundPercent(ratio)}, by more than ${ms} ms, and by more than noise explains`,
    unread: shortForDrift,
    judge({ drift: figure, all: { meanMs }, seconds, thinkMs, holdS }, bounds) {
      const noise = driftNoise(seconds)
      if (figure === null || noise === null || meanMs === null) return null
      const least = Math.max(bounds.ratio, bounds.ms / meanMs)
      const cycleMs = meanMs + (thinkMs.min + thinkMs.max) / 2
      const ofCycle = (Math.abs(figure) * meanMs) / cycleMs
      const tells = ofCycle > bounds.ofCycle && holdS >= bounds.anywayFromS
      const most = tells ? bounds.anyway : Infinity
      const bound = Math.max(least, Math.min(noise, most))
      if (Math.abs(figure) <= bound) return null
      const text = `latency drifted by ${percent(figure)} between the window's halves`
      return { figure, bound, text: `${text} (noise explains ${percent(noise)})` }
    },
  }),
  check({
    id: 'silence',
    bounds: { leastSeconds: LEAST_SECONDS },
    blames: 'service',
    transient: true,
    sentence: ({ leastSeconds }) =>
      `a half of the window has fewer than ${leastSeconds} seconds with an answer, so no drift could be seen`,
    unread: shortForDrift,
    judge({ seconds }, { leastSeconds: bound }) {
      const figure = silentHalf(seconds)
      if (figure === null) return null
      const text = `no drift can be seen: a half of the window has ${counted(figure, 'second')} with a success, fewer than ${bound}`
      return { figure, bound, text }
    },
  }),
  check({
    id: 'stall',
    /**
     * s of each user's time that may be lost in two neighbouring seconds: where nobody waits, for each share of the
     * cycle that a usual second waits, and at most; in a long window this share of it, as part of what the service
     * does. Of the committed valid stages fewer than one in a hundred is beyond, each with seconds at half of their
     * neighbours. Where chance alone explains more than `untoldS` the check finds little, and that is said.
     */
    bounds: { s: 0.4, ofWaiting: 3, mostS: 0.75, ofWindow: 0.03, untoldS: UNTOLD_S },
    blames: 'service',
    transient: true,
    sentence: ({ s, mostS, ofWindow }) =>
      `a part stands still: within two neighbouring seconds each user loses more than ${s} s (${mostS} s where users wait anyway; ${roundPercent(ofWindow)} of a long window) to waiting, or to requests not sent, that the other seconds do not have`,
    unread: (stage) => {
      if (stage.seconds.length < LEAST_OF_STALL)
        return `a window of under ${LEAST_OF_STALL} s is too short to tell`
      const chanceS = mostLost(stage)?.chanceS ?? 0
      return chanceS > UNTOLD_S
        ? 'users send too few requests a second to tell any but a long one'
        : null
    },
    judge(stage, { s, ofWaiting, mostS, ofWindow }) {
      const lost = mostLost(stage)
      if (lost === null) return null
      const explained = Math.min(mostS, s + ofWaiting * lost.waiting)
      const bound = Math.max(explained, ofWindow * stage.seconds.length)
      if (lost.lostS <= bound) return null
      const text = `a part stood still: within two seconds each user lost ${lost.lostS.toFixed(2)} s to what the rest of the window does not have`
      return { figure: lost.lostS, bound, text }
    },
  }),
]

function shortForDrift({ seconds }: Unjudged): string | null {
  const leastS = 2 * LEAST_SECONDS
  return seconds.length < leastS ? `a window of under ${leastS} s is too short to tell` : null
}
