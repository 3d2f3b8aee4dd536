import { createRandom } from './random.ts'
import { exchange } from './http/exchange.ts'
import type { ContractFailure } from '../measurement/trial.ts'
import type { Journey, Step } from '../scenario/journey.ts'

const TIMEOUT_MS = 10_000

/** What the load counts as a failure, in words. @param promised what says how to answer */
const remediesBy = (promised: string): Readonly<Record<string, string>> => ({
  timeout: `Answer within ${TIMEOUT_MS / 1000} s.`,
  'connection-refused': 'Listen there, and take the connection.',
  'connection-lost': 'Send the whole answer before the connection is closed.',
  'invalid-response': 'Answer in HTTP/1.1; 101 was not asked for.',
  'invalid-body': `Answer whole, with the JSON of ${promised} as application/json, in 1 MiB at most.`,
  'encoded-body': 'Do not compress: `Accept-Encoding: identity` was sent.',
})

/**
 * One journey as a virtual user goes it, by the load's own client and judge: what the load would count as
 * a failure is one here. Another client may be more lenient.
 *
 * @param promised the name of what says how to answer
 * @returns the step that failed; empty if none did
 */
export async function checkJourney(
  url: string,
  journey: Journey,
  promised: string,
): Promise<ContractFailure[]> {
  const random = createRandom(1)
  let step: Step = journey.begin(random)
  for (;;) {
    const { request } = step
    const ending = await exchange({ url, timeoutMs: TIMEOUT_MS }, request)
    const verdict = ending.kind === 'failed' ? ending : step.judge(ending.answer)
    if (verdict.kind === 'complete') return []
    if (verdict.kind === 'failed') {
      return [
        {
          name: `${step.endpoint}, as the load sends it (${request.method} ${request.path})`,
          expected: 'an answer that the load takes',
          got: verdict.error,
          remedy: remediesBy(promised)[verdict.error] ?? `Answer as ${promised} says.`,
        },
      ]
    }
    step = verdict.step
  }
}
