import type { Configuration } from '../measurement/run.ts'

/** How the figures came about, in sentences a reviewer can check against the code. */
export function method(configuration: Configuration): string[] {
  const { thinkMs, warmUpS, holdS, trials, seed, search, thresholdMs, thresholdOn } = configuration
  const think = thinkMs.min === thinkMs.max ? `${thinkMs.min}` : `${thinkMs.min} to ${thinkMs.max}`
  const spread = configuration.thinkSpread
  const own = spread === undefined ? '' : `, each its own within ${spread * 100} % of that`
  return [
    `A closed loop: each virtual user goes through list products, view product, place order, view ` +
      `order, and pauses ${think} ms between two requests${own}. It is not an open arrival process, and ` +
      `nothing is corrected for coordinated omission.`,
    `Each stage holds one number of users: ${warmUpS} s of warm-up, discarded, then a window of ` +
      `${holdS} s. Latency runs from the first byte sent to the last byte received, and counts ` +
      `successful requests only.`,
    `Each arm alone, on a database created for the trial; ${trials} trial${trials === 1 ? '' : 's'} ` +
      `an arm, in an order drawn from seed ${seed}.`,
    search
      ? `After the ramp a search probes more numbers of users until the crossing of ${thresholdMs} ms ` +
        `(${thresholdOn}) is bracketed within 5 %; it is interpolated inside that bracket.`
      : `No search: the crossing of ${thresholdMs} ms (${thresholdOn}) is interpolated between steps ` +
        `of the ramp.`,
    `Intervals are at 95 %: Student’s t on batch means within a trial, a bootstrap that resamples ` +
      `trials where there are several.`,
    `The Universal Scalability Law is fitted to throughput against the users in service (those ` +
      `not thinking), not against all virtual users.`,
  ]
}
