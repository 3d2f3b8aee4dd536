import type { FaultKind } from './database/fault.ts'

/** Every way in which a request can fail. The contract lists each with its status. */
const STATUS = {
  'malformed-json': 400,
  'invalid-field': 400,
  unauthorized: 401,
  'not-found': 404,
  'unknown-product': 404,
  'unknown-order': 404,
  'method-not-allowed': 405,
  'number-taken': 409,
  'sold-out': 409,
  'unsupported-media-type': 415,
  'out-of-range': 422,
  'unknown-item': 422,
  'not-on-sale': 422,
  'internal-error': 500,
  'database-unreachable': 503,
  'database-busy': 503,
  'database-timeout': 504,
} as const

/** The phrases of RFC 9110, which RFC 9457 asks for beside `about:blank`. */
const TITLE = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
} as const

type ProblemCode = keyof typeof STATUS

export type FieldError = Readonly<{
  in: 'path' | 'body'
  name: string
  reason: string
}>

/** A failure as data; `respond` makes it a response. */
export type Problem = Readonly<{
  code: ProblemCode
  detail: string
  errors?: readonly FieldError[]
  headers?: Readonly<Record<string, string>>
}>

const RETRY_AFTER = { 'retry-after': '1' }

/** What a fault of the database is to the client. */
export const FAULT_PROBLEMS: Readonly<Record<FaultKind, Problem>> = {
  unreachable: {
    code: 'database-unreachable',
    detail: 'The database cannot be reached.',
    headers: RETRY_AFTER,
  },
  busy: {
    code: 'database-busy',
    detail: 'No database connection came free in time.',
    headers: RETRY_AFTER,
  },
  timeout: { code: 'database-timeout', detail: 'The database did not answer in time.' },
}

/** The problem of one or more fields: what they are called, where they are, why they are refused. */
export function refuse(
  code: 'invalid-field' | 'out-of-range',
  errors: readonly FieldError[],
): Problem {
  const names = errors.map(({ name }) => name).join(', ')
  return { code, detail: `Not accepted: ${names}.`, errors }
}

/** The response of a problem (RFC 9457). */
export function respond({ code, detail, errors, headers }: Problem): Response {
  const status = STATUS[code]
  const title = TITLE[status]
  const json = JSON.stringify({ type: 'about:blank', title, status, code, detail, errors })
  return new Response(json, {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  })
}
