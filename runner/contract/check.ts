import type { ContractFailure } from '../measurement/trial.ts'
import { REFUSED_READS, type Case, type Known } from './cases.ts'
import { JOURNEY_CASES } from './journey-cases.ts'
import { ORDER_CASES, ROUTING_CASES } from './order-cases.ts'
import type { ShapeCheck } from './schemas.ts'

export const CONTRACT_CASES: readonly Case[] = [
  ...JOURNEY_CASES,
  ...REFUSED_READS,
  ...ORDER_CASES,
  ...ROUTING_CASES,
]

const TIMEOUT_MS = 10_000

/**
 * Runs the contract's suite against a service, one case after another.
 *
 * @param url base URL, without a slash at the end
 * @returns the cases that failed; empty if the service keeps the contract
 */
export async function checkContract(url: string, shapes: ShapeCheck): Promise<ContractFailure[]> {
  const known: Known = { productId: 1, sold: 0, orderId: 1 }
  const failures: ContractFailure[] = []
  for (const each of CONTRACT_CASES) {
    const got = await tryCase(url, each, known, shapes)
    if (got === null) continue
    const { method, path } = each.request(known)
    const name = `${each.name} (${method} ${path})`
    failures.push({ name, expected: `status ${each.status}`, got, remedy: each.remedy })
  }
  return failures
}

/** @returns what was got instead; null if the case holds */
async function tryCase(
  url: string,
  each: Case,
  known: Known,
  shapes: ShapeCheck,
): Promise<string | null> {
  const { method, path, headers = {}, body = null } = each.request(known)
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const answer = await fetch(url + path, { method, headers, body, signal, redirect: 'manual' })
    const text = await answer.text()
    if (answer.status !== each.status) return `status ${answer.status}: ${text.slice(0, 200)}`
    const parsed: unknown = JSON.parse(text)
    const type = answer.headers.get('content-type') ?? ''
    const shape = shapes(each.template, method, each.status, type, parsed)
    return shape ?? each.check?.({ headers: answer.headers, body: parsed }, known) ?? null
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return cause instanceof Error ? cause.message : String(cause)
  }
}
