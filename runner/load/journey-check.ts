import { createRandom } from './random.ts'
import type { Ending } from './http/connection.ts'
import { exchange } from './http/exchange.ts'
import type { ContractFailure } from '../measurement/trial.ts'
import type { Journey, Step } from '../scenario/journey.ts'

const TIMEOUT_MS = 10_000

const SIGNED_IN =
  "Where it wants to know who asks, give a journey file with a header: values: { token: { env: TOKEN } }, headers: { Authorization: 'Bearer {token}' }."

/** What the load counts as a failure, in words. @param promised what says how to answer */
const remediesBy = (promised: string): Readonly<Record<string, string>> => ({
  timeout: `Answer within ${TIMEOUT_MS / 1000} s.`,
  'connection-refused':
    'Listen there, and take the connection. HTTPS with an issuer of your own: NODE_EXTRA_CA_CERTS=FILE before the command.',
  'connection-lost': 'Send the whole answer before the connection is closed.',
  'invalid-response': 'Answer in HTTP/1.1; 101 was not asked for.',
  'invalid-body': `Answer whole, with the JSON of ${promised} as application/json, in 1 MiB at most.`,
  'encoded-body': 'Do not compress: `Accept-Encoding: identity` was sent.',
  'status-401': SIGNED_IN,
  'status-403': SIGNED_IN,
  'status-404':
    'Is the path right, and is what it names there? A base path of the service belongs to its URL.',
  ...Object.fromEntries(
    [301, 302, 303, 307, 308].map((status) => [
      `status-${status}`,
      `It redirects, as to a page for signing in, and the load follows nowhere. Name the address it leads to. ${SIGNED_IN}`,
    ]),
  ),
})

/** One step as it went. */
export type WalkedStep = Readonly<{
  step: Step
  ending: Ending
  /** The class of its failure, as the load counts it; null: it is good. */
  error: string | null
  /** Why, in words, where its answer is not as expected. */
  fault: string | null
}>

/**
 * One journey as a virtual user goes it, by the load's own client and judge: what the load would count as a failure is
 * one here. Another client may be more lenient. The step that fails is the last.
 *
 * @param url without a slash at the end
 */
export async function* walkJourney(url: string, journey: Journey): AsyncGenerator<WalkedStep> {
  const random = createRandom(1)
  let step: Step = journey.begin(random)
  for (;;) {
    const ending = await exchange({ url, timeoutMs: TIMEOUT_MS }, step.request)
    const verdict = ending.kind === 'failed' ? ending : step.judge(ending.answer)
    const isFailed = verdict.kind === 'failed'
    yield {
      step,
      ending,
      error: isFailed ? verdict.error : null,
      fault:
        isFailed && ending.kind === 'answered' ? step.explain(ending.answer, step.known) : null,
    }
    if (verdict.kind !== 'next') return
    step = verdict.step
  }
}

/**
 * Walks one journey.
 *
 * @param promised the name of what says how to answer
 * @returns the step that failed; empty if none did
 */
export async function checkJourney(
  url: string,
  journey: Journey,
  promised: string,
): Promise<ContractFailure[]> {
  for await (const walked of walkJourney(url, journey)) {
    if (walked.error !== null) return [failureOf(walked, walked.error, promised)]
  }
  return []
}

/** A step that failed, with its remedy. */
export function failureOf(
  { step: { endpoint, request }, fault }: WalkedStep,
  error: string,
  promised: string,
): ContractFailure {
  return {
    name: `${endpoint}, as the load sends it (${request.method} ${request.path})`,
    expected: 'an answer that the load takes',
    got: error.startsWith('status-') || fault === null ? error : `${error}: ${fault}`,
    remedy: remediesBy(promised)[error] ?? `Answer as ${promised} says.`,
  }
}
