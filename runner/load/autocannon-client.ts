import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { Client, Request } from 'autocannon'

/** http-parser-js 0.5, as much of it as the seam touches. */
export type ClientParser = {
  state: string
  /** Returns the bytes taken, or an Error on garbage, which autocannon ignores; throws what a callback threw. */
  execute(chunk: Buffer): number | Error
  /** End of input: completes a body without a length. */
  finish(): Error | undefined
  /** The constructor once more: forgets a response cut in the middle, keeps the callbacks. */
  reinitialize(type: 'RESPONSE'): void
}

/** Argument of the client's `headers` event. */
export type ResponseHead = Readonly<{ statusCode: number; shouldKeepAlive: boolean }>

/** autocannon 9.0.0's client (lib/httpClient.js), private members included. */
export type PrivateClient = Client &
  EventEmitter & {
    conn: Socket
    parser: ClientParser
    secure: boolean
    setRequests(requests: Request[]): void
    _doRequest(): void
    _connect(): void
    _destroyConnection(): void
    destroy(): void
  }

const METHODS = ['_doRequest', '_connect', '_destroyConnection', 'destroy', 'setRequests'] as const
const PARSER_METHODS = ['execute', 'finish', 'reinitialize'] as const

/**
 * The client with its private members, after a look at whether they are there.
 *
 * @throws Error naming the member that another version of autocannon no longer has
 */
export function privateClient(client: Client): PrivateClient {
  const candidate = client as PrivateClient
  const parser = candidate.parser as Partial<ClientParser> | undefined
  const missing = [
    ...METHODS.filter((name) => typeof candidate[name] !== 'function'),
    ...PARSER_METHODS.filter((name) => typeof parser?.[name] !== 'function').map(
      (name) => `parser.${name}`,
    ),
  ]
  if (missing.length > 0) {
    throw new Error(
      `autocannon's client has no ${missing.join(', ')}: the load needs exactly autocannon 9.0.0; ` +
        'run npm ci, or carry runner/load/autocannon-*.ts over to the new version',
    )
  }
  return candidate
}
