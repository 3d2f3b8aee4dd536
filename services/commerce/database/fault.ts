import { DatabaseError } from 'pg'

/**
 * Why the database gave no answer. Each is an HTTP status of its own in problems.ts.
 * - `unreachable`: no connection, or it was lost, or the schema is being recreated
 * - `busy`: no connection came free in time, or too many requests wait for one already
 * - `timeout`: the statement took longer than it may
 */
export type FaultKind = 'unreachable' | 'busy' | 'timeout'

/** A failure of the database rather than of the request or of this code. */
export class DatabaseFault extends Error {
  override readonly name = 'DatabaseFault'
  readonly kind: FaultKind

  constructor(kind: FaultKind, message: string, cause?: unknown) {
    super(message, { cause })
    this.kind = kind
  }
}

/** SQLSTATE classes that speak of the server's state, not of the statement (PostgreSQL manual, appendix A). */
const SERVER_STATES = [
  '08', // connection exception
  '25P03', // idle in transaction for too long: the server closed the session
  '25006', // read-only: a standby, or a failover under way
  '3D000', // no such database: it is being recreated
  '3F000', // no such schema: likewise
  '40001', // serialization failure
  '40P01', // deadlock
  '42P01', // no such table: likewise
  '53', // out of disk, memory or connections
  '57P', // shutting down, starting up, terminated by an administrator, dropped
  '58', // the server's disk or system failed
]

/**
 * What the driver says of a dead socket. It gives these no code: pg 8.23, client.js, `_connect`,
 * `query`; and Node's own errors carry the system call that failed.
 */
const LOST_CONNECTION = /^(Connection terminated|Client (has encountered|was closed))/

/** Whether the session is gone, or in a state unknown, after `error`: it must not be used again. */
export function losesConnection(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return true
  return error.severity === 'FATAL' || error.severity === 'PANIC'
}

/**
 * The fault behind an error of the driver; `undefined` if the statement itself was wrong, which is a
 * defect of this service.
 */
export function faultOf(error: unknown): DatabaseFault | undefined {
  if (error instanceof DatabaseFault) return error
  if (error instanceof DatabaseError) return faultOfAnswer(error)
  if (!(error instanceof Error)) return undefined
  if (error.message === 'Query read timeout') {
    return new DatabaseFault('timeout', 'no answer in time', error)
  }
  if ('syscall' in error || LOST_CONNECTION.test(error.message)) {
    return new DatabaseFault('unreachable', 'connection lost', error)
  }
  return undefined
}

function faultOfAnswer(error: DatabaseError): DatabaseFault | undefined {
  const { code = '' } = error
  if (code === '57014') return new DatabaseFault('timeout', 'statement timed out', error)
  if (losesConnection(error) || SERVER_STATES.some((state) => code.startsWith(state))) {
    return new DatabaseFault('unreachable', `the database answered ${code}`, error)
  }
  return undefined
}
