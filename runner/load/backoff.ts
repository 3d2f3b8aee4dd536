import type { TransportError } from './connection.ts'

const FIRST_MS = 50
const LONGEST_MS = 1000

/** Failures after which the next attempt would meet the same closed door at once. */
const AT_THE_DOOR: ReadonlySet<string> = new Set<TransportError>([
  'connection-refused',
  'connection-lost',
  'client-exhausted',
])

export const isAtTheDoor = (error: string): boolean => AT_THE_DOOR.has(error)

/**
 * ms to wait at least after the `failures`-th failure in a row to get an answer out of a
 * connection: 50, 100, 200, 400, 800, then 1000. Without it a user without think time spins.
 */
export const backoffMs = (failures: number): number =>
  failures === 0 ? 0 : Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1))
