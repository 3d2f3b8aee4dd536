import fc from 'fast-check'
import { askAll, difference, reproduction, type Way } from './compare.ts'
import { fuzzedRequest } from './fuzzed-request.ts'
import type { RawRequest } from './raw-request.ts'

/** How many answers there were of each status, and of each code of a problem. */
export type Seen = Readonly<Record<string, number>>

/**
 * Sends the same hostile requests to each service, and compares the answers with each other.
 *
 * @param seed of the requests: the same seed sends the same
 * @returns what was answered
 * @throws with the groups that answered differently and a command that sends the request again
 */
export async function fuzz(ways: readonly Way[], cases: number, seed: number): Promise<Seen> {
  const seen: Record<string, number> = {}
  const property = fc.asyncProperty(fuzzedRequest, async (request) => {
    const answers = await askAll(ways, request)
    count(seen, [...answers.values()][0])
    const apart = difference(answers)
    if (apart !== undefined) throw new Error(described(request, apart))
  })
  const result = await fc.check(property, { seed, numRuns: cases, endOnFailure: false })
  if (!result.failed) return seen
  const [request] = result.counterexample ?? []
  const error = result.errorInstance instanceof Error ? result.errorInstance.message : ''
  throw new Error(
    `the services differ, after ${result.numRuns} requests of seed ${seed}` +
      ` (made smaller ${result.numShrinks} times)\n  ${error}\n  ${request ? reproduction(request) : ''}`,
  )
}

const described = (request: RawRequest, apart: string): string =>
  `${request.method} ${request.target.slice(0, 200)}\n  ${apart}`

function count(seen: Record<string, number>, answer: unknown): void {
  const { status, body } = (answer ?? {}) as { status?: number; body?: { code?: string } }
  const key = `${status ?? String(answer)}${body?.code ? ` ${body.code}` : ''}`
  seen[key] = (seen[key] ?? 0) + 1
}
