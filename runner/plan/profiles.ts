import type { Profile, Study } from '../measurement/study.ts'

/**
 * Users at which the pool is to cross the threshold, in the steps of a ramp that a pilot scales: of five steps two
 * lie below, one at it, and two past it.
 */
export const CROSSING = 49

/**
 * Three eighths of a second on average, drawn for every pause. With a constant one, users who were answered together
 * once send together again in every cycle: the queue that this makes is the instrument's and not the arm's. In a
 * closed system only the mean of the pauses matters (Baskett, Chandy, Muntz and Palacios, J. ACM 22, 1975).
 */
const PAUSE = { min: 250, max: 500 }

/** 41, 82, 102, 122 and 143 % of the crossing of the pool. */
const RAMP = [20, 40, 50, 60, 70]

/**
 * probe: a service of which nothing is known, in under two minutes. Its ramp has requests enough for a stage, and no more.
 * quick: five trials of three arms in about ten minutes on two cores. Five short trials say more than three long ones:
 * what differs from trial to trial is as large as what differs from stage to stage (docs/method/coverage.md). A trial
 * takes one step of the ramp, the five take all; then four probes at most, near the crossing and one past it, of
 * 2 + 3.5 s; some 13 s go to recreate the database, restart the arm, check its contract, warm it, settle and audit.
 */
export const PROFILES: Readonly<Record<'smoke' | 'quick' | 'standard' | 'probe', Profile>> = {
  smoke: {
    startMs: 1_000,
    users: [40, 70],
    scaled: false,
    thinkMs: PAUSE,
    warmUpMs: 1_000,
    holdMs: 3_000,
    search: false,
    trials: 1,
    warmUpMostMs: 1_000,
    holdMostMs: 3_000,
    nearStages: 1,
    maxProbes: 12,
  },
  quick: {
    startMs: 6_000,
    users: RAMP,
    stepsPerTrial: 1,
    scaled: true,
    thinkMs: PAUSE,
    warmUpMs: 1_500,
    holdMs: 3_000,
    search: true,
    trials: 5,
    warmUpMostMs: 2_000,
    holdMostMs: 3_500,
    nearStages: 3,
    maxProbes: 4,
  },
  standard: {
    startMs: 10_000,
    users: RAMP,
    scaled: true,
    thinkMs: PAUSE,
    warmUpMs: 5_000,
    holdMs: 12_000,
    search: true,
    trials: 5,
    warmUpMostMs: 15_000,
    holdMostMs: 24_000,
    nearStages: 3,
    maxProbes: 12,
  },
  probe: {
    startMs: 2_000,
    users: [20, 40],
    scaled: false,
    thinkMs: PAUSE,
    warmUpMs: 1_500,
    holdMs: 3_000,
    search: true,
    trials: 1,
    warmUpMostMs: 2_500,
    holdMostMs: 8_000,
    nearStages: 2,
    maxProbes: 7,
  },
}

/** Those of the instrument, and those of the study. */
export const profilesOf = (study: Study | null): ReadonlyMap<string, Profile> =>
  new Map(Object.entries({ ...PROFILES, ...study?.profiles }))
