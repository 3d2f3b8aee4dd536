import type { ClientBase } from 'pg'

/**
 * Where a request gets its connection from. The three ways are pooled.ts, per-request.ts and
 * persistent.ts; nothing above this type knows which one is at work.
 */
export type Connections = Readonly<{
  /** Lends a connection that is open. Called at most once a request. Rejects if none can be opened. */
  lend(): Promise<Loan>
  /** Closes what is idle. What is lent is closed when it comes back. */
  close(): Promise<void>
}>

/** A connection lent to one request. */
export type Loan = Readonly<{
  client: ClientBase
  /** It served an earlier request, so the server may have closed it since. */
  reused: boolean
  /**
   * Takes it back. A broken one is never lent again.
   * Resolves once another may be lent in its place; the response does not wait for that.
   */
  giveBack(broken: boolean): Promise<void> | void
}>
