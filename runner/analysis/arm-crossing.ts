import type { Crossing } from '../measurement/verdict.ts'
import { bootstrap, geometricMean } from './bootstrap.ts'
import { crossingDraws, quantile } from './crossing-draws.ts'
import { locate, type Bracket, type Located } from './crossing.ts'
import { isNarrow } from './narrow.ts'
import type { Random } from './random.ts'
import type { Response } from './response.ts'
import { stageNoiseMs } from './stage-noise.ts'

/** What one trial of an arm says of its crossing. */
export interface TrialCrossing {
  readonly index: number
  readonly points: readonly Response[]
  readonly located: Located
}

export interface Found extends Pick<Crossing, 'state' | 'users' | 'bracket' | 'interval'> {
  /** Crossings that the noise within the only trial allows; null with several trials or without. */
  readonly draws: readonly number[] | null
}

type Closed = Readonly<{ thresholdMs: number; thinkMs: number }>

const NOTHING = { users: null, bracket: null, interval: null, draws: null }

/**
 * The crossing of an arm. One trial: interpolated, with a within-run interval. Several that all cross:
 * the geometric mean of their crossings, a bootstrap interval over trials, and the bracket that holds
 * all of theirs. If only some cross, the responses averaged over trials decide, without an interval.
 *
 * @param trials those with a valid stage
 * @param averaged responses by users over all trials
 * @param setting.thinkMs mean think time between two requests of a user
 */
export function armCrossing(
  trials: readonly TrialCrossing[],
  averaged: readonly Response[],
  setting: Closed,
  random: Random,
): Found {
  const crossed = trials.flatMap(({ located }) => (located.state === 'crossed' ? [located] : []))
  const [only] = trials
  if (only && trials.length === 1 && only.located.state === 'crossed')
    return { ...only.located, ...withinRun(only.points, only.located.bracket, setting, random) }
  if (crossed.length > 1 && crossed.length === trials.length) {
    const logs = crossed.map(({ users }) => Math.log(users))
    const mean = (sample: readonly number[]) => Math.log(geometricMean(sample.map(Math.exp)))
    const found = bootstrap(logs, mean, random)
    return {
      state: 'crossed',
      users: geometricMean(crossed.map(({ users }) => users)),
      bracket: {
        low: Math.min(...crossed.map(({ bracket }) => bracket.low)),
        high: Math.max(...crossed.map(({ bracket }) => bracket.high)),
      },
      interval: found && {
        low: Math.exp(found.low),
        high: Math.exp(found.high),
        kind: 'between-trials',
      },
      draws: null,
    }
  }
  const located = locate(averaged, setting.thresholdMs)
  return { ...NOTHING, ...located }
}

/** Levels far from the bracket do not move the crossing, and drawing them takes time. */
const NEIGHBOURS = 3

function withinRun(
  points: readonly Response[],
  bracket: Bracket,
  { thresholdMs, thinkMs }: Closed,
  random: Random,
): Pick<Found, 'interval' | 'draws'> {
  // Inside a wide bracket a straight line is a guess, which the noise at its ends says nothing of.
  if (!isNarrow(bracket)) return { interval: null, draws: null }
  const at = points.findIndex(({ users }) => users === bracket.high)
  const near = points.slice(Math.max(0, at - NEIGHBOURS), at + NEIGHBOURS)
  const noise = { thresholdMs, stageNoiseMs: stageNoiseMs(near, thinkMs) }
  const draws = crossingDraws(near, noise, random)
  if (!draws) return { interval: null, draws: null }
  const [low, high] = [quantile(draws, 0.025), quantile(draws, 0.975)]
  return { interval: { low, high, kind: 'within-run' }, draws }
}
