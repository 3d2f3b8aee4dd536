import type { Answer } from '../../scenario/answer.ts'
import type { HttpRequest } from '../../scenario/journey.ts'

/**
 * How a request can end without an answer:
 * - `timeout`: no end of the answer (or of the connecting) within the limit
 * - `connection-refused`: no connection could be made, for whatever the other side or the way to it
 * - `connection-lost`: closed or reset before the end of the answer
 * - `invalid-response`: what came is not HTTP/1.1
 * - `invalid-body`: the body passed the bound and was cut there
 * - `encoded-body`: compressed, although `Accept-Encoding: identity` was sent
 * - `client-exhausted`: this machine has no ports, descriptors or memory left: the instrument failed
 */
export type TransportError =
  | 'timeout'
  | 'connection-refused'
  | 'connection-lost'
  | 'invalid-response'
  | 'invalid-body'
  | 'encoded-body'
  | 'client-exhausted'

/** The end of a request. `durationMs`: from the first byte sent (or the attempt to connect). */
export type Ending =
  | Readonly<{ kind: 'answered'; answer: Answer; durationMs: number }>
  | Readonly<{ kind: 'failed'; error: TransportError; durationMs: number }>

/** What a connection tells its user. Each `send` has exactly one `ended`, and at most one `sent`. */
export type ConnectionEvents = Readonly<{
  /** The first byte goes out now, `atMs`. Not called for a request that never got a connection. */
  sent(atMs: number): void
  ended(ending: Ending): void
}>

/** One keep-alive connection with at most one request in flight, connected when first needed. */
export type Connection = {
  /** Throws if a request is in flight. */
  send(request: HttpRequest): void
  /** Closes at once; a request in flight gets no `ended`. */
  close(): void
  /** How often the other side sent bytes that nobody had asked for. */
  strays(): number
}

export type ConnectionOptions = Readonly<{ url: string; timeoutMs: number }>

/** A body longer than this is cut and counted: an endless stream must not take the memory. */
export const BODY_BOUND_BYTES = 2 ** 20
/** Headers, trailers and chunk heads of one response together. */
export const HEAD_BOUND_BYTES = 80 * 1024
