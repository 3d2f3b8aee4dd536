import type { Figures, Outcomes } from '../measurement/figures.ts'
import type { ClientFigures, Stage } from '../measurement/stage.ts'
import { type Distribution, maxMs, meanMs, merge, percentileMs } from './distribution.ts'
import type { EndpointRecord, WindowRecord } from './recorder.ts'

/** Of each endpoint, by its name, in the order of the journey. */
export function endpointFigures(window: WindowRecord): Record<string, Figures> {
  const entries = Object.entries(window.endpoints)
  return Object.fromEntries(
    entries.map(([name, { success, errors }]) => [
      name,
      figuresOf(success, errors, window.lengthS),
    ]),
  )
}

/** All endpoints together; its errors also count the journeys that were aborted. */
export function allFigures(window: WindowRecord): Figures {
  const records = recordsOf(window)
  const errors: Record<string, number> = {}
  for (const record of records) {
    for (const [name, count] of Object.entries(record.errors)) {
      errors[name] = (errors[name] ?? 0) + count
    }
  }
  if (window.journeysAborted > 0) errors['journey-aborted'] = window.journeysAborted
  return figuresOf(merge(records.map(({ success }) => success)), errors, window.lengthS)
}

/** @throws Error if `sent = succeeded + failed + inFlight` does not hold: a defect of the load */
export function outcomesOf(window: WindowRecord): Outcomes {
  const total = (count: (record: EndpointRecord) => number): number =>
    recordsOf(window).reduce((sum, record) => sum + count(record), 0)
  const outcomes = {
    sent: total(({ sent }) => sent),
    succeeded: total(({ success }) => success.count),
    failed: total(({ failure }) => failure.count),
    inFlight: total(({ inFlight }) => inFlight),
    journeysAborted: window.journeysAborted,
  }
  if (outcomes.sent !== outcomes.succeeded + outcomes.failed + outcomes.inFlight) {
    throw new Error(`outcomes do not add up: ${JSON.stringify(outcomes)}`)
  }
  return outcomes
}

/** ms. Mean latency with each time-out counted at its limit; null without either. */
export function meanWithTimeoutsMs(window: WindowRecord): number | null {
  const records = recordsOf(window)
  const timeouts = records.reduce((sum, { errors }) => sum + (errors['timeout'] ?? 0), 0)
  const { count, sumUs } = merge(records.map(({ success }) => success))
  if (count + timeouts === 0) return null
  return (sumUs / 1000 + timeouts * window.timeoutMs) / (count + timeouts)
}

/**
 * What users waited, of all requests: who got no good answer waited until the failure, which is the least that
 * the answer would have taken. Where failures are faster than answers, of the answers alone: no service is the
 * faster for what it refuses.
 */
export function waitedFigures(window: WindowRecord): Stage['waited'] & {} {
  const records = recordsOf(window)
  const success = merge(records.map(({ success: own }) => own))
  const meanMsOfTimeouts = meanWithTimeoutsMs(window)
  // Nobody was answered: a refusal says nothing of how long an answer takes, a time-out does.
  if (success.count === 0) return { meanMs: meanMsOfTimeouts, p95Ms: meanMsOfTimeouts }
  const all = merge([success, ...records.map(({ failure }) => failure)])
  const more = (figure: (of: Distribution) => number | null) =>
    Math.max(figure(success) ?? 0, figure(all) ?? 0)
  return { meanMs: more(meanMs), p95Ms: more((of) => percentileMs(of, 95)) }
}

/**
 * The running mean at the end of the window, as Locust 2.29 charts it: total response time over the number of
 * requests since the start, failures among them (its class `StatsEntry`, `avg_response_time`).
 */
export function sinceStartFigures({ sinceStart }: WindowRecord): Stage['sinceStart'] & {} {
  const { requests, durationMs } = sinceStart
  return { requests, meanMs: requests === 0 ? null : durationMs / requests }
}

/** `idleDelayP99Ms`: the event loop's delay before any load, from `measureIdleDelay`. */
export function clientFigures(window: WindowRecord, idleDelayP99Ms: number): ClientFigures {
  const think = {
    thinkP50Ms: percentileMs(window.think.observed, 50),
    thinkMeanMs: meanMs(window.think.observed),
    thinkNominalMs: window.think.askedMeanMs,
    // Each pause that is over its time counts as one: where nobody can connect they are all there are.
    thinkOverdueMs: window.overdueMs / Math.max(1, outcomesOf(window).sent + window.overduePauses),
  }
  const cpuCores = window.cpuS / window.lengthS
  if (window.loaders === undefined) {
    return {
      cpuCores,
      eventLoopDelayP99Ms: window.eventLoopDelayP99Ms,
      eventLoopDelayIdleP99Ms: idleDelayP99Ms,
      eventLoopDelayMaxMs: window.eventLoopDelayMaxMs,
      ...think,
    }
  }
  const loaders = window.loaders.map((loader) => ({
    users: loader.users,
    requests: loader.sent,
    cpuCores: loader.cpuS / loader.lengthS,
    eventLoopDelayP99Ms: loader.eventLoopDelayP99Ms,
    eventLoopDelayIdleP99Ms: loader.idleDelayP99Ms,
    openedAfterMs: loader.openedAfterMs,
    windowS: loader.lengthS,
  }))
  const over = (each: (typeof loaders)[number]): number =>
    each.eventLoopDelayP99Ms - each.eventLoopDelayIdleP99Ms
  const latest = loaders.reduce((late, each) => (over(each) > over(late) ? each : late))
  const { eventLoopDelayP99Ms, eventLoopDelayIdleP99Ms } = latest
  const { eventLoopDelayMaxMs } = window
  return {
    cpuCores,
    eventLoopDelayP99Ms,
    eventLoopDelayIdleP99Ms,
    eventLoopDelayMaxMs,
    ...think,
    loaders,
  }
}

function figuresOf(success: Distribution, errors: Figures['errors'], lengthS: number): Figures {
  return {
    requests: success.count,
    throughputPerS: success.count / lengthS,
    meanMs: meanMs(success),
    p50Ms: percentileMs(success, 50),
    p90Ms: percentileMs(success, 90),
    p95Ms: percentileMs(success, 95),
    p99Ms: percentileMs(success, 99),
    maxMs: maxMs(success),
    errors: { ...errors },
  }
}

const recordsOf = (window: WindowRecord): readonly EndpointRecord[] =>
  Object.values(window.endpoints)

/**
 * Users that the window's figures account for, by Little's law for a closed system, N = X (R + Z):
 * X is what was sent per second, R the mean duration of every outcome, failures and time-outs
 * included, and Z the mean pause that was *asked for* (think time, or the backoff where longer).
 * With what the window's edges cut (`edgeUsers`), and the users whose one request lasts longer than it, the
 * law is an identity in any window, steady or not (Denning and Buzen, "The operational analysis of queueing
 * network models", ACM Computing Surveys 10(3), 1978).
 *
 * Z is not the pause observed: with that, N is the number of users by construction, and a client
 * too busy to keep its own times would look sound. Requests without an end count at the mean of
 * those that have one. Without a request it is what the edges hold.
 */
export function expectedUsers(window: WindowRecord): number {
  const records = recordsOf(window)
  const sent = records.reduce((sum, record) => sum + record.sent, 0)
  const ended = merge(records.flatMap(({ success, failure }) => [success, failure]))
  const meanDurationMs = ended.count === 0 ? 0 : ended.sumUs / ended.count / 1000
  const { pauses, nominalMeanMs } = window.think
  const coveredMs = sent * meanDurationMs + pauses * (nominalMeanMs ?? 0)
  return coveredMs / 1000 / window.lengthS + edgeUsers(window) + window.stuckUsers
}

/** `edgeMs` as users: by so much the requests of a window alone miss them. */
export const edgeUsers = ({ edgeMs, lengthS }: WindowRecord): number => edgeMs / 1000 / lengthS
