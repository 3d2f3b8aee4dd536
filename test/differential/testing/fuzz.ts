import fc from 'fast-check'
import {
  askAll,
  difference,
  differenceInEffect,
  type Meaning,
  reproduction,
  type ShopRequest,
  type Way,
} from './compare.ts'
import { fuzzedRequest } from './fuzzed-request.ts'

/** How many answers there were of each class, and of each code of a problem. */
export type Seen = Readonly<Record<string, number>>

/**
 * Sends the same requests to each service, and compares what the answers mean, and in the end what the
 * databases hold.
 *
 * @param seed of the requests: the same seed sends the same
 * @returns what was answered
 * @throws with the groups that answered differently and a command that sends the request again
 */
export async function fuzz(ways: readonly Way[], cases: number, seed: number): Promise<Seen> {
  const seen: Record<string, number> = {}
  const property = fc.asyncProperty(fuzzedRequest, async (request) => {
    const answers = await askAll(ways, request)
    const [first] = answers.values()
    if (first) count(seen, first)
    const apart = difference(answers)
    if (apart !== undefined) throw new Error(described(request, apart))
    if (first?.class === 5) throw new Error(described(request, JSON.stringify(first)))
  })
  const result = await fc.check(property, { seed, numRuns: cases, endOnFailure: false })
  if (result.failed) {
    const [request] = result.counterexample ?? []
    const error = result.errorInstance instanceof Error ? result.errorInstance.message : ''
    throw new Error(
      `the services differ, after ${result.numRuns} requests of seed ${seed}` +
        ` (made smaller ${result.numShrinks} times)\n  ${error}\n  ${request ? reproduction(request) : ''}`,
    )
  }
  const effects = await differenceInEffect(ways)
  if (effects === undefined) return seen
  throw new Error(`the databases differ, after ${cases} requests of seed ${seed}\n  ${effects}`)
}

const described = (request: ShopRequest, what: string): string =>
  `${request.method} ${request.path.slice(0, 200)}\n  ${what}`

function count(seen: Record<string, number>, answer: Meaning): void {
  const key = `${answer.class}xx${typeof answer.code === 'string' ? ` ${answer.code}` : ''}`
  seen[key] = (seen[key] ?? 0) + 1
}
