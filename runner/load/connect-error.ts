import type { TransportError } from './connection.ts'

/** errno(3) values that say that this machine, not the other side, has run out of something. */
const EXHAUSTED = new Set(['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAGAIN'])

/** The class of a failure to connect. With several addresses tried, the error carries them all. */
export function connectError(cause: Error | undefined): TransportError {
  const causes: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [cause]
  return causes.some(isExhaustion) ? 'client-exhausted' : 'connection-refused'
}

const isExhaustion = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  EXHAUSTED.has(error.code)
