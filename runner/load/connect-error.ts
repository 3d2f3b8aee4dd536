import type { TransportError } from './connection.ts'

/** errno(3) values that say that this machine, not the other side, has run out of something. */
const EXHAUSTED = new Set(['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAGAIN'])

/** The class of a failure to connect. With several addresses tried, the error carries them all. */
export function connectError(cause: Error | undefined): TransportError {
  const causes = cause instanceof AggregateError ? (cause.errors as Error[]) : [cause]
  const exhausted = causes.some(
    (error) => error !== undefined && EXHAUSTED.has((error as NodeJS.ErrnoException).code ?? ''),
  )
  return exhausted ? 'client-exhausted' : 'connection-refused'
}
