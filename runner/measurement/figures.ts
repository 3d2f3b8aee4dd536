import { Type, type Static } from 'typebox'

/**
 * Why a request failed. `status-4xx` and `status-5xx` carry the status itself (`status-503`).
 * `journey-aborted` is not a request: it counts the journeys that ended before their last step.
 */
const ERROR_CLASSES =
  'timeout, connection-refused, connection-lost, invalid-response, invalid-body, encoded-body, ' +
  'status-NNN, client-exhausted, journey-aborted'

const count = (description: string) => Type.Integer({ minimum: 0, description })
const milliseconds = (description: string) =>
  Type.Union([Type.Number({ minimum: 0, maximum: 1e12 }), Type.Null()], {
    description: `ms. ${description}`,
  })

/** Latency from the first byte sent to the last byte received, of successful requests only. */
export const Figures = Type.Object(
  {
    requests: count('Requests that succeeded, by the window in which they were sent.'),
    throughputPerS: Type.Number({ minimum: 0, description: 'Successful requests per second.' }),
    meanMs: milliseconds('Mean latency; null without a request.'),
    p50Ms: milliseconds('Median latency.'),
    p90Ms: milliseconds('90th percentile.'),
    p95Ms: milliseconds('95th percentile.'),
    p99Ms: milliseconds('99th percentile.'),
    maxMs: milliseconds('Largest latency.'),
    errors: Type.Record(Type.String(), Type.Integer({ minimum: 0 }), {
      description: `Failed requests by class: ${ERROR_CLASSES}.`,
    }),
  },
  { description: 'Latency and throughput of successful requests; errors beside them.' },
)
export type Figures = Static<typeof Figures>

/** Every request sent in the window has one end: `sent = succeeded + failed + inFlight`. */
export const Outcomes = Type.Object(
  {
    sent: count('Requests whose first byte was sent in the window.'),
    succeeded: count('Answered as the contract promises.'),
    failed: count('Answered otherwise, timed out or lost.'),
    inFlight: count('Without an end when the stage was given up.'),
    journeysAborted: count('Journeys that ended before their last step.'),
  },
  { description: 'What became of the requests: sent = succeeded + failed + inFlight.' },
)
export type Outcomes = Static<typeof Outcomes>

/** One second of the window: what batch means and the time line are made of. */
export const Second = Type.Object({
  atS: Type.Integer({ description: 'Whole seconds since the window opened.' }),
  requests: count('Successful requests sent in this second.'),
  failed: count('Failed requests sent in this second.'),
  meanMs: milliseconds('Mean latency of the successful ones.'),
})
export type Second = Static<typeof Second>

/** s. A second that lacks no more than this is whole. */
const WHOLE = 0.01

/**
 * Without the fragment at a window's end: it holds a few requests where the others hold thousands, and no
 * method that takes rows for alike may see it.
 *
 * @param lengthS of the window
 */
export function wholeSeconds(seconds: readonly Second[], lengthS: number): Second[] {
  return seconds.filter(({ atS }) => atS + 1 <= lengthS + WHOLE)
}

/** Which errors, and how often, the most frequent first: `timeout 10, status-503 2`; empty without any. */
export function errorClasses({ errors }: Pick<Figures, 'errors'>): string {
  return Object.entries(errors)
    .filter(([name]) => name !== 'journey-aborted')
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ')
}
