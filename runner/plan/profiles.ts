/** What a profile decides; each may be overridden on the command line. */
export type Profile = Readonly<{
  users: readonly number[]
  /** Are the users the article’s, to become as many as load this machine alike? */
  scaled: boolean
  thinkMs: Readonly<{ min: number; max: number }>
  warmUpMs: number
  holdMs: number
  search: boolean
  trials: number
}>

const HALF_A_SECOND = { min: 500, max: 500 }

export const PROFILES = {
  smoke: {
    users: [40, 70],
    scaled: false,
    thinkMs: HALF_A_SECOND,
    warmUpMs: 1_000,
    holdMs: 3_000,
    search: false,
    trials: 1,
  },
  quick: {
    users: [20, 40, 60, 80],
    scaled: true,
    thinkMs: HALF_A_SECOND,
    warmUpMs: 3_000,
    holdMs: 12_000,
    search: true,
    trials: 1,
  },
  standard: {
    users: [20, 40, 50, 60, 70, 80],
    scaled: true,
    thinkMs: HALF_A_SECOND,
    warmUpMs: 5_000,
    holdMs: 25_000,
    search: true,
    trials: 3,
  },
  article: {
    users: [40, 50, 60, 70, 80],
    scaled: false,
    thinkMs: HALF_A_SECOND,
    warmUpMs: 30_000,
    holdMs: 270_000,
    search: true,
    trials: 1,
  },
} as const satisfies Record<string, Profile>

export type ProfileName = keyof typeof PROFILES
export const PROFILE_NAMES = Object.keys(PROFILES) as ProfileName[]

export function isProfileName(name: string): name is ProfileName {
  return Object.hasOwn(PROFILES, name)
}
