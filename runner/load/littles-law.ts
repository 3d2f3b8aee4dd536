import { merge } from './distribution.ts'
import { recordsOf } from './figures.ts'
import type { WindowRecord } from './window.ts'

/**
 * Users that the window's figures account for, by Little's law for a closed system, N = X (R + Z):
 * X is what was sent per second, R the mean duration of every outcome, failures and time-outs
 * included, and Z the mean pause that was *asked for* (think time, or the backoff where longer).
 *
 * Z is not the pause observed: with that, N is the number of users by construction, and a client
 * too busy to keep its own times would look sound. Requests without an end count at the mean of
 * those that have one. 0 without a request.
 */
export function expectedUsers(window: WindowRecord): number {
  const records = recordsOf(window)
  const sent = records.reduce((sum, record) => sum + record.sent, 0)
  const ended = merge(records.flatMap(({ success, failure }) => [success, failure]))
  const meanDurationMs = ended.count === 0 ? 0 : ended.sumUs / ended.count / 1000
  const cycleMs = meanDurationMs + (window.think.nominalMeanMs ?? 0)
  return ((sent / window.lengthS) * cycleMs) / 1000
}
