import type { Profile, Study } from '../measurement/study.ts'

/** Users at which the pool is to cross the threshold, in the steps of a ramp that a pilot scales. */
export const CROSSING = 60

/**
 * Half a second on average, drawn for every pause. With a constant one, users who were answered together once
 * send together again in every cycle: the queue that this makes is the instrument's and not the arm's. In a
 * closed system only the mean of the pauses matters (Baskett, Chandy, Muntz and Palacios, J. ACM 22, 1975).
 */
const HALF_A_SECOND = { min: 250, max: 750 }

/**
 * quick: three trials of three arms in about ten minutes on two cores. A trial takes about 10 s to recreate
 * the database, restart the arm, check its contract, settle, warm the process, drain and audit; two steps and
 * the control of 2 + 4 s; four probes at most, near the crossing and one past it, of 3 + 5 s; 0.4 s more for
 * each stage. The second step is near 70 % of the ceiling, where costs are compared.
 */
export const PROFILES = {
  smoke: {
    startMs: 1_000,
    users: [40, 70],
    scaled: false,
    thinkMs: HALF_A_SECOND,
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
    startMs: 8_000,
    users: [20, 40],
    scaled: true,
    thinkMs: HALF_A_SECOND,
    warmUpMs: 2_000,
    holdMs: 4_000,
    search: true,
    trials: 3,
    warmUpMostMs: 3_000,
    holdMostMs: 5_000,
    nearStages: 2,
    maxProbes: 4,
  },
  standard: {
    startMs: 10_000,
    users: [20, 40, 50, 60, 70, 80],
    scaled: true,
    thinkMs: HALF_A_SECOND,
    warmUpMs: 5_000,
    holdMs: 12_000,
    search: true,
    trials: 5,
    warmUpMostMs: 15_000,
    holdMostMs: 24_000,
    nearStages: 3,
    maxProbes: 12,
  },
} as const satisfies Record<string, Profile>

/** Those of the instrument, and those of the study. */
export const profilesOf = (study: Study | null): ReadonlyMap<string, Profile> =>
  new Map(Object.entries({ ...PROFILES, ...study?.profiles }))
