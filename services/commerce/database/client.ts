import { Client, type ClientBase, type ClientConfig, types } from 'pg'
import type { DatabaseConfig } from '../config.ts'

/** How much longer the client waits than the server should: the server's own verdict is preferred. */
const SERVER_VERDICT_GRACE_MS = 1_000

/**
 * The settings of every connection, in every mode: the modes differ in when they connect and in
 * nothing else. The server's time-outs travel in the startup message, so they cost no round trip.
 */
export function clientConfig(config: DatabaseConfig): ClientConfig {
  return {
    connectionString: config.url,
    ...(config.tls && { ssl: { ca: config.tls.ca }, sslnegotiation: config.tls.negotiation }),
    application_name: `samehost ${config.mode}`,
    connectionTimeoutMillis: config.connectTimeoutMs,
    statement_timeout: config.statementTimeoutMs,
    query_timeout: config.statementTimeoutMs + SERVER_VERDICT_GRACE_MS,
    idle_in_transaction_session_timeout: config.transactionTimeoutMs,
    keepAlive: true,
    types: TYPES,
  }
}

/** Opens a connection, within the connect time-out. */
export async function openClient(config: ClientConfig): Promise<Client> {
  const client = new Client(config)
  ignoreErrorEvents(client)
  await client.connect()
  return client
}

/**
 * A connection that dies says so twice: by failing its query, which is handled, and by an `error`
 * event, which would end the process if nothing listened.
 */
export function ignoreErrorEvents(client: ClientBase): void {
  client.on('error', () => undefined)
}

/**
 * Ends a connection and waits until the server let go of it, so that whoever counts connections
 * counts what the server counts. A server that never does is given up after a second.
 */
export async function closeClient(client: Client): Promise<void> {
  const { promise: gaveUp, resolve: giveUp } = Promise.withResolvers<void>()
  const timer = setTimeout(giveUp, 1_000)
  await Promise.race([client.end(), gaveUp])
  clearTimeout(timer)
}

/** As the driver's own, but `bigint` comes as a number: every id is checked to fit in 53 bits. */
const TYPES: NonNullable<ClientConfig['types']> = {
  getTypeParser: (oid, format) =>
    oid === types.builtins.INT8 ? int8 : types.getTypeParser(oid, format),
}

function int8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} exceeds 53 bits`)
  return value
}
