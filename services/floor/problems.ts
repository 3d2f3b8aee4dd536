import { STATUS_CODES } from 'node:http'
import { DatabaseError } from 'pg'

/** A failure as the contract tells it (RFC 9457), and what goes with it. */
export type Problem = Readonly<{
  status: number
  code: string
  detail: string
  errors?: readonly FieldError[]
  /** More headers, as a flat list of names and values. */
  head?: readonly string[]
}>

type FieldError = Readonly<{ in: string; name: string; reason: string }>

const problem = (status: number, code: string, detail: string): Problem => ({
  status,
  code,
  detail,
})

export const MALFORMED = problem(400, 'malformed-json', 'The body must be a JSON object.')
export const NOT_FOUND = problem(404, 'not-found', 'There is nothing at this path.')
export const NOT_JSON = problem(415, 'unsupported-media-type', 'The body must be application/json.')
export const UNAUTHORIZED: Problem = {
  ...problem(401, 'unauthorized', 'A bearer token of this service is needed.'),
  head: ['www-authenticate', 'Bearer'],
}
export const UNKNOWN_USER = problem(401, 'unauthorized', 'There is no such user.')
export const WRONG_PASSWORD = problem(401, 'unauthorized', 'Email or password is wrong.')
export const UNKNOWN_ORDER = problem(404, 'unknown-order', 'You have no such order.')
const FAILED = problem(500, 'internal-error', 'The service failed. Its log says how.')
const SLOW_DATABASE = problem(504, 'database-timeout', 'The database did not answer in time.')
export const UNREACHABLE: Problem = {
  ...problem(503, 'database-unreachable', 'The database cannot be reached.'),
  head: ['retry-after', '1'],
}
export const BUSY: Problem = {
  ...problem(503, 'database-busy', 'No database connection came free in time.'),
  head: ['retry-after', '1'],
}

export const unknownProduct = (id: number): Problem =>
  problem(404, 'unknown-product', `No product ${id}.`)
export const numberTaken = (number: string): Problem =>
  problem(409, 'number-taken', `There is an order ${number} already.`)
export const soldOut = (item: number, quantity: number): Problem =>
  problem(409, 'sold-out', `Fewer than ${quantity} of item ${item} are left.`)
export const unknownItem = (id: number): Problem =>
  problem(422, 'unknown-item', `The product has no item ${id}.`)
export const notOnSale = (id: number): Problem =>
  problem(422, 'not-on-sale', `Item ${id} is not on sale now.`)
export const notAllowed = (allow: string): Problem => ({
  ...problem(405, 'method-not-allowed', `Allowed here: ${allow}.`),
  head: ['allow', allow],
})

export const invalid = (errors: readonly FieldError[]): Problem => refused(400, errors)
export const outOfRange = (errors: readonly FieldError[]): Problem => refused(422, errors)

function refused(status: 400 | 422, errors: readonly FieldError[]): Problem {
  const code = status === 400 ? 'invalid-field' : 'out-of-range'
  const names = errors.map(({ name }) => name).join(', ')
  return { ...problem(status, code, `Not accepted: ${names}.`), errors }
}

export function problemJson({ status, code, detail, errors }: Problem): string {
  const title = STATUS_CODES[status]
  return JSON.stringify({ type: 'about:blank', title, status, code, detail, errors })
}

/** Thrown through the layers: the request ends with this problem. */
export class Refusal extends Error {
  readonly problem: Problem
  constructor(why: Problem) {
    super(why.detail)
    this.problem = why
  }
}

/** Is there such a row already? */
export const isTaken = (error: unknown): boolean =>
  error instanceof DatabaseError && error.code === '23505'

/** Whether the session is gone, or in a state unknown, after `error`. */
export const losesConnection = (error: unknown): boolean =>
  !(error instanceof DatabaseError) || error.severity === 'FATAL' || error.severity === 'PANIC'

/** The server is not as it should be: SQLSTATE classes (PostgreSQL manual, appendix A). */
const SERVER_STATE = /^(08|25P03|25006|3D000|3F000|40001|40P01|42P01|53|57P|58)/
/** What pg says of a dead socket; Node's own errors carry the system call that failed. */
const LOST = /^(Connection terminated|Client (has encountered|was closed))/

export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) {
    return error instanceof Error && ('syscall' in error || LOST.test(error.message))
  }
  return error.code !== '57014' && (losesConnection(error) || SERVER_STATE.test(error.code ?? ''))
}

/** What a request that failed so is answered. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Refusal) return error.problem
  if (isUnreachable(error)) return UNREACHABLE
  const slow = error instanceof DatabaseError ? error.code === '57014' : isReadTimeout(error)
  if (slow) return SLOW_DATABASE
  console.error(
    JSON.stringify({ level: 'error', message: 'a request failed', error: String(error) }),
  )
  return FAILED
}

const isReadTimeout = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Query read timeout'
