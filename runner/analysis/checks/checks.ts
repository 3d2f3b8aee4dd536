import { ACCOUNTING } from './accounting.ts'
import { RUNNER } from './runner.ts'
import { SETUP } from './setup.ts'
import { STEADY_STATE } from './steady-state.ts'

/** Every check of a stage, in the order in which reasons are given. Another one is an object in one of these files. */
export const CHECKS = [...ACCOUNTING, ...RUNNER, ...STEADY_STATE, ...SETUP]

type Listed = (typeof CHECKS)[number]
export type CheckId = Listed['id']

/** The bounds of each check by its id. */
export const BOUNDS = Object.fromEntries(CHECKS.map(({ id, bounds }) => [id, bounds])) as {
  readonly [One in Listed as One['id']]: One['bounds']
}

/** The ids of those that are as asked. A reason in a file may have another id: that of a later version. */
export const checksThat = (are: (check: Listed) => boolean): ReadonlySet<string> =>
  new Set(CHECKS.filter((check) => are(check)).map(({ id }) => id))
