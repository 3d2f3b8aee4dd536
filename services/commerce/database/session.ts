import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type { Admission } from './admission.ts'
import type { Connections, Loan } from './connections.ts'
import { DatabaseFault, faultOf, losesConnection } from './fault.ts'
import { statementName } from './statement-name.ts'

type Options = Readonly<{
  /** Prepare statements on the server: spares work where a connection outlives the request. */
  prepare: boolean
}>

/**
 * The connections as Kysely wants them: `connect()` lends one for as long as the request holds it.
 * Here the queue is kept, statements are named, and a connection that failed is discarded.
 */
export function sessions(
  connections: Connections,
  queue: Admission,
  options: Options,
): PostgresPool {
  async function connect(): Promise<PostgresPoolClient> {
    await queue.enter()
    try {
      return session(await connections.lend(), queue, options)
    } catch (error) {
      queue.leave()
      throw new DatabaseFault('unreachable', 'no connection can be opened', error)
    }
  }
  return { connect, end: () => connections.close(), options: {} }
}

function session(loan: Loan, queue: Admission, { prepare }: Options): PostgresPoolClient {
  const { client, reused } = loan
  let lost: Error | undefined
  let statements = 0

  async function query(text: string, values: unknown[]): Promise<unknown> {
    if (lost) throw lost // Kysely rolls back after any failure; without a session that is done.
    statements += 1
    const name = prepare && values.length > 0 ? statementName(text) : undefined
    try {
      return await client.query(name === undefined ? { text, values } : { name, text, values })
    } catch (error) {
      const fault = faultOf(error)
      if (!losesConnection(error)) throw fault ?? error
      const stale = reused && statements === 1 && fault?.kind === 'unreachable'
      lost = stale
        ? new StaleConnection(error)
        : (fault ?? new Error('query failed', { cause: error }))
      throw lost
    }
  }

  function release(discard = false): void {
    const inTransaction = client.getTransactionStatus() !== 'I'
    const given = loan.giveBack(lost !== undefined || discard || inTransaction)
    if (given) void given.finally(queue.leave)
    else queue.leave()
  }

  // Kysely's other signature of `query` takes a cursor, which needs a package this service has not.
  return { query: query as PostgresPoolClient['query'], release }
}

/** A kept connection turned out dead at its first statement, so nothing of the request has been done. */
class StaleConnection extends DatabaseFault {
  constructor(cause: unknown) {
    super('unreachable', 'the server had closed this connection', cause)
  }
}

export function isStale(error: unknown): boolean {
  return error instanceof StaleConnection
}
