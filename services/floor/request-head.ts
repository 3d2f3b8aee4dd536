import type { IncomingMessage } from 'node:http'
import { EXPECTATION_FAILED, type Problem, TOO_MANY_HEADERS, UNREADABLE } from './problems.ts'

const HEADERS_MAX = 100
const HOST = /^[\w.:[\]~-]+$/

/** What Node's parser lets through and the contract does not: why such a request is refused, if it is. */
export function refusalOfHead(request: IncomingMessage): Problem | undefined {
  const { host = '', 'transfer-encoding': coding, expect } = request.headers
  if (request.rawHeaders.length > 2 * HEADERS_MAX) return TOO_MANY_HEADERS
  if (!HOST.test(host)) return UNREADABLE
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return UNREADABLE
  if (request.httpVersion === '1.1') return undefined
  if (request.httpVersion !== '1.0' || coding !== undefined) return UNREADABLE
  return expect && expect.toLowerCase() !== '100-continue' ? EXPECTATION_FAILED : undefined
}

/** A target's parts as they stand: nothing in it is decoded. Also of one in the absolute form. */
export function targetOf({
  url = '',
}: IncomingMessage): { path: string; query: string } | undefined {
  let target = url
  if (!url.startsWith('/')) {
    target = url.replace(/^https?:\/\/[^/?]*/i, '')
    if (target === url) return undefined
  }
  const mark = target.indexOf('?')
  if (mark < 0) return { path: target, query: '' }
  return { path: target.slice(0, mark), query: target.slice(mark + 1) }
}

/** The first value of a parameter, as it stands. */
export function parameter(query: string, name: string): string | null {
  for (const pair of query.split('&')) {
    const mark = pair.indexOf('=')
    if ((mark < 0 ? pair : pair.slice(0, mark)) === name)
      return mark < 0 ? '' : pair.slice(mark + 1)
  }
  return null
}
