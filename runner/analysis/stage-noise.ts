import { mean } from './moments.ts'
import type { Response } from './response.ts'

/**
 * How far responses of one trial are apart beyond what their own errors and more users explain: the
 * standard deviation, in ms, of what differs from one stage to the next and not within one. A window
 * cannot see it: each stage may be steady, and its neighbour steady elsewhere.
 *
 * Of two neighbours the one with more users is not faster, nor slower by more than the users between them
 * queue for: by Little's law a closed system answers in N / X - Z, so at a steady throughput X each user
 * more costs 1 / X. What goes beyond either end is a difference of two such deviations; the errors
 * within the stages are subtracted from it.
 *
 * @param near responses by users, ascending
 * @param thinkMs Z, mean think time
 * Sources: the bound, Denning and Buzen, ACM Computing Surveys 10(3), 1978; the component of variance by
 * the method of moments, DerSimonian and Laird, Controlled Clinical Trials 7(3), 1986.
 */
export function stageNoiseMs(near: readonly Response[], thinkMs: number): number {
  const pairs = near.slice(1).flatMap((high, at) => {
    const low = near[at]
    if (!low?.estimate || !high.estimate) return []
    const most = ((high.users - low.users) * (high.ms + thinkMs)) / high.users
    const rise = high.ms - low.ms
    const excess = Math.max(0, -rise, rise - most)
    const explained = low.estimate.error ** 2 + high.estimate.error ** 2
    return [Math.max(0, excess ** 2 - explained) / 2]
  })
  return pairs.length === 0 ? 0 : Math.sqrt(mean(pairs))
}
