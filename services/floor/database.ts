import { Client, type ClientConfig, Pool, type PoolClient, types } from 'pg'
import type { Config } from './config.ts'
import { BUSY, isUnreachable, losesConnection, Refusal, UNREACHABLE } from './problems.ts'

/** A query whose rows come as arrays of this shape; its name is for connections that prepare it. */
type Query<Row> = Readonly<{
  name: string
  text: string
  rowMode: 'array'
  values: unknown[]
  /** Of the types alone. */
  row?: Row
}>

export type Statement<Row> = (...values: unknown[]) => Query<Row>

export const statement =
  (name: string, text: string): Statement<never> =>
  (...values) => ({ name, text, rowMode: 'array', values })

type Run = <Row extends unknown[]>(query: Query<Row>) => Promise<Row[]>

export type Database = Readonly<{
  /** Runs one read, on any connection. */
  read: Run
  /** Runs `work` on one connection between `BEGIN` and `COMMIT`, or `ROLLBACK` if it throws. */
  transaction<T>(work: (run: Run) => Promise<T>): Promise<T>
  close(): Promise<void>
}>

/** One `pg.Pool`, with the bounds and time-outs of the reference service. */
export function openDatabase(config: Config): Database {
  const pool = new Pool({
    connectionString: config.url,
    application_name: 'samehost floor',
    statement_timeout: config.statementTimeoutMs,
    query_timeout: config.statementTimeoutMs + 1_000,
    idle_in_transaction_session_timeout: config.transactionTimeoutMs,
    keepAlive: true,
    types: { getTypeParser },
    max: config.poolMax,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: config.acquireTimeoutMs,
    Client: class extends Client {
      constructor(options?: ClientConfig) {
        super({ ...options, connectionTimeoutMillis: config.connectTimeoutMs })
        // A connection that dies fails its query too, which is where that is handled.
        this.on('error', () => undefined)
      }
    },
  })
  pool.on('error', () => undefined)

  /** With a name, each connection prepares it once; without one, it is parsed each time. */
  const asSent = <Row>(query: Query<Row>): Query<Row> | Omit<Query<Row>, 'name'> => {
    if (config.prepare) return query
    const { text, rowMode, values } = query
    return { text, rowMode, values }
  }

  async function connect(): Promise<PoolClient> {
    if (pool.waitingCount >= config.queueMax) throw new Refusal(BUSY)
    try {
      return await pool.connect()
    } catch (error) {
      throw new Refusal(String(error).includes('timeout exceeded') ? BUSY : UNREACHABLE)
    }
  }

  /**
   * A connection on which `first` has succeeded, and its rows. The server may have closed any that was
   * idle: since `first` changes nothing, it is tried again for as long as the pool can hold such.
   */
  async function begin<T>(first: (client: PoolClient) => Promise<T>): Promise<[PoolClient, T]> {
    for (let stale = 0; ; stale += 1) {
      const client = await connect()
      try {
        return [client, await first(client)]
      } catch (error) {
        client.release(losesConnection(error))
        if (stale === config.poolMax || !losesConnection(error) || !isUnreachable(error))
          throw error
      }
    }
  }

  return {
    async read<Row extends unknown[]>(query: Query<Row>) {
      const [client, { rows }] = await begin((fresh) => fresh.query<Row>(asSent(query)))
      client.release()
      return rows
    },
    async transaction(work) {
      const [client] = await begin((fresh) => fresh.query('BEGIN'))
      try {
        const value = await work(
          async <Row extends unknown[]>(query: Query<Row>) =>
            (await client.query<Row>(asSent(query))).rows,
        )
        await client.query('COMMIT')
        client.release()
        return value
      } catch (error) {
        if (losesConnection(error)) client.release(true)
        else
          await client.query('ROLLBACK').then(
            () => client.release(),
            () => client.release(true),
          )
        throw error
      }
    },
    close: () => pool.end(),
  }
}

/** As the driver's own, but `bigint` comes as a number: every id is checked to fit in 53 bits. */
const getTypeParser: NonNullable<ClientConfig['types']>['getTypeParser'] = (oid, format) =>
  oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format)
