import type { IncomingMessage } from 'node:http'
import type { Problem } from './problems.ts'

export const UNREADABLE: Problem = {
  code: 'bad-request',
  detail: 'The request is not valid HTTP.',
}
const HEADERS_MAX = 100
const TOO_MANY_HEADERS: Problem = {
  code: 'headers-too-large',
  detail: `At most ${HEADERS_MAX} headers.`,
}
const EXPECTATION_FAILED: Problem = {
  code: 'expectation-failed',
  detail: 'Only 100-continue can be expected.',
}

/** The methods of RFC 9110 (but CONNECT, which has no path), PATCH and QUERY. */
const METHODS = new Set('GET HEAD POST PUT PATCH DELETE OPTIONS TRACE QUERY'.split(' '))
export const isMethod = (method: string): boolean => METHODS.has(method)

/** Those that need no look at what a URL parser would make of them. */
const PLAIN_HOST = /^[a-z0-9.-]+(:\d{1,4})?$/
const HOST = /^[\w.:[\]~-]+$/
const PLAIN_TARGET = /^\/[\w/?&=-]*$/

/**
 * What Node's parser lets through and the contract does not: why such a request is refused, if it is.
 * A target is made plain on the way. What is well formed costs two looks at short texts.
 */
export function refusalOfHead(incoming: IncomingMessage): Problem | undefined {
  const { headers, rawHeaders, url = '' } = incoming
  if (rawHeaders.length > 2 * HEADERS_MAX) return TOO_MANY_HEADERS
  const { host = '', 'transfer-encoding': coding } = headers
  if (!PLAIN_HOST.test(host)) {
    if (!HOST.test(host)) return UNREADABLE
    headers.host = 'localhost' // Nothing depends on it, and the framework might refuse it.
  }
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return UNREADABLE
  if (incoming.httpVersion !== '1.1') {
    if (incoming.httpVersion !== '1.0' || coding !== undefined) return UNREADABLE
    if (expectsMore(headers.expect)) return EXPECTATION_FAILED
  }
  if (PLAIN_TARGET.test(url)) return undefined
  const plain = plainTarget(url)
  if (plain === undefined) return UNREADABLE
  incoming.url = plain
  return undefined
}

/** Of a request that expects what Node does not know. */
export const refusalOfExpectation = (incoming: IncomingMessage): Problem =>
  refusalOfHead(incoming) ?? EXPECTATION_FAILED

const expectsMore = (expected: string | undefined): boolean =>
  expected !== undefined && expected.toLowerCase() !== '100-continue'

/**
 * A target as the contract reads it: nothing in it is decoded or resolved. Paths, names and integers of
 * the contract need none of the other characters, so one stands for all that would be as wrong.
 */
function plainTarget(url: string): string | undefined {
  const target = url.replace(/^https?:\/\/[^/?]*/i, '')
  if (target === '' || (target.startsWith('?') && target !== url)) return `/${target}`
  return target.startsWith('/') ? target.replaceAll(/[^\w/?&=-]/g, '_') : undefined
}
