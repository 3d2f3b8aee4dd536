import type { Endpoint } from '../measurement/figures.ts'
import type { Random } from './random.ts'

/** One request; `path` is below the base path of the load's URL. */
export type HttpRequest = Readonly<{ method: 'GET' | 'POST'; path: string; body?: string }>

/** A whole response. `body` is only valid until the judge returns. */
export type Answer = Readonly<{ status: number; body: Buffer }>

/** What the content of an answer can be wrong in; the transport has classes of its own. */
type ContentError = 'invalid-body' | `status-${number}`

/** What an answer means for the journey. */
export type Verdict =
  | Readonly<{ kind: 'next'; step: Step }>
  | Readonly<{ kind: 'complete' }>
  | Readonly<{ kind: 'failed'; error: ContentError }>

/** One step of a journey: what to send, and how to judge what comes back. */
export type Step = Readonly<{
  endpoint: Endpoint
  request: HttpRequest
  /** Units ordered by this request: the audit counts them. Absent for requests that order nothing. */
  orderedQuantity?: number
  judge(answer: Answer): Verdict
}>

/** Starts a journey anew. All of its choices come from `random`. */
export type Journey = (random: Random) => Step
