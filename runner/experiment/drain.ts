import { exchange } from '../load/http/exchange.ts'
import type { Journey } from '../scenario/journey.ts'
import type { Load } from '../load/load.ts'
import type { Stage } from '../measurement/stage.ts'
import type { Clock } from './clock.ts'
import { unlessAborted } from './unless-aborted.ts'

/** Share of the requests from which on those that nobody waits for any more are a queue of their own. */
const GIVEN_UP = 0.01
/** Time-outs of a request that the queue may take. */
const MOST_TIMEOUTS = 12
/** Share of a time-out, and ms, within which a service answers that has no queue left: a slow host may take 100 ms. */
const SOON = 0.1
const SOON_MS = 250
/** ms between two questions to a service that answers late. */
const PAUSE_MS = 250

/**
 * Did users give up waiting? What they had sent is still in the service's queues then, and no mean of what was
 * answered says how long they are: where nothing was, there is none.
 */
export function leavesQueue({ all, outcomes, littlesLaw }: Stage): boolean {
  // By 504 a front door says that it was the one that gave up.
  const timeouts = (all.errors['timeout'] ?? 0) + (all.errors['status-504'] ?? 0)
  return timeouts > GIVEN_UP * outcomes.sent || (littlesLaw.stuckUsers ?? 0) > 0
}

type Drained = Readonly<{
  clock: Clock
  load: Load
  url: string
  timeoutMs: number
  journey: Journey
  signal: AbortSignal
}>

/**
 * Lets all users go and waits until the service has answered what they left: a request at the end of its queue is
 * answered when the rest is. Twelve time-outs at most: users who are twice too many leave that within a minute.
 *
 * @returns whether it is empty @throws AbortError when the signal comes
 */
export async function drain(setting: Drained): Promise<boolean> {
  const { clock, load, url, timeoutMs, journey, signal } = setting
  await load.apply({ users: 0 })
  const { request } = journey.begin(() => 0)
  const deadline = clock.nowMs() + MOST_TIMEOUTS * timeoutMs
  for (;;) {
    const leftMs = deadline - clock.nowMs()
    if (leftMs <= 0) return false
    const ending = await unlessAborted(exchange({ url, timeoutMs: leftMs }, request), signal)
    // What takes no connection queues nothing.
    if (ending.kind === 'failed' && ending.error === 'connection-refused') return true
    if (ending.kind === 'answered' && ending.durationMs <= Math.max(SOON_MS, SOON * timeoutMs))
      return true
    await clock.delay(Math.min(PAUSE_MS, timeoutMs), signal)
  }
}
