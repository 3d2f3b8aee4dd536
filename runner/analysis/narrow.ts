import type { Stage } from '../measurement/stage.ts'
import type { Bracket } from './crossing.ts'

/** A bracket this narrow, as a share of its lower end, is the answer. */
const WIDTH = 0.05

export const isNarrow = ({ low, high }: Bracket): boolean => high - low <= Math.max(1, WIDTH * low)
/** After so many probes the prediction has had its chance. */
const PREDICTING = 6

/**
 * The number of users to probe inside a bracket of the crossing; null if it is narrow enough.
 *
 * Past its knee a closed system answers at its ceiling X whatever the users, so the measured throughput at
 * the upper end foretells the crossing: N = X (threshold + think time). It is probed there, then a bracket's
 * width beside it. Where that leads nowhere the bracket is bisected on a logarithmic scale.
 *
 * Source: the interactive response time law and its asymptotic bounds, Denning and Buzen, The Operational
 * Analysis of Queueing Network Models, ACM Computing Surveys 10(3), 1978.
 */
export function narrow(
  { low, high }: Bracket,
  stages: readonly Stage[],
  thresholdMs: number,
): number | null {
  if (isNarrow({ low, high })) return null
  const probes = stages.filter(({ kind }) => kind === 'probe').length
  const foretold = probes < PREDICTING ? foretell(high, stages, thresholdMs) : null
  const middle = Math.round(Math.sqrt(low * high))
  const wanted = foretold === null ? null : towards(foretold, low, high)
  return [wanted, middle].find((users) => users !== null && users > low && users < high) ?? null
}

/** The foretold number itself, or, if it is beside an end, the number that closes the bracket there. */
function towards(foretold: number, low: number, high: number): number | null {
  const [beside, step] = [1 + WIDTH / 2, 1 + WIDTH]
  if (foretold < low / step || foretold > high * step) return null
  if (foretold <= low * beside) return Math.floor(low * step)
  if (foretold >= high / beside) return Math.ceil(high / step)
  return foretold
}

function foretell(high: number, stages: readonly Stage[], thresholdMs: number): number | null {
  const stage = stages.findLast(({ users, validity }) => users === high && validity.valid)
  if (stage === undefined) return null
  const thinkMs = (stage.thinkMs.min + stage.thinkMs.max) / 2
  return Math.round((stage.all.throughputPerS * (thresholdMs + thinkMs)) / 1000)
}
