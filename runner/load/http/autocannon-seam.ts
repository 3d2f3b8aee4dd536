/* oxlint-disable no-underscore-dangle -- the names are autocannon's */

import { Socket } from 'node:net'
import type HttpClient from 'autocannon/lib/httpClient.js'

/** Numbers of http-parser-js's callbacks, by which autocannon sets them (lib/http-parser.js, 0.5). */
const HEADERS_COMPLETE = 2
const MESSAGE_COMPLETE = 4

/** http-parser-js 0.5, as much of it as the seam touches. */
type Parser = {
  state: string
  /** Returns the bytes taken, or an Error on garbage; throws what a callback threw. */
  execute(this: Parser, chunk: Buffer): number | Error
  finish(): Error | undefined
  reinitialize(type: 'RESPONSE'): void
  [HEADERS_COMPLETE]: (head: Readonly<{ statusCode: number }>) => unknown
  [MESSAGE_COMPLETE]: () => unknown
}

/** autocannon 9.0.0's client (lib/httpClient.js), private members included. */
type PrivateClient = HttpClient & {
  conn: Socket
  parser: Parser
  secure: boolean
  opts: object
  pipelinedRequests: { addBody(piece: Buffer): void }
  requestIterator: { nextRequest(): void }
  getRequestBuffer(): Buffer | string
  _doRequest(this: PrivateClient): void
  _connect(this: PrivateClient): void
  _destroyConnection(): void
  destroy(): void
}

/** What autocannon would do by itself at that moment is left to the handler. */
export type SeamHandlers = Readonly<{
  /** The client is new, its connection has ended, or it failed for `cause`. */
  onConnectionEnd(cause: Error | undefined): void
  onData(chunk: Buffer): void
}>

/** autocannon's client with the moments in our hands. */
export type Seam = Readonly<{
  client: HttpClient
  /** A new connection; parser and queue forget what was. `onReady` is called once it can send. */
  connect(onReady: () => void): void
  /** Queues and writes the request: autocannon's clock starts. Only on a connection that is ready. */
  send(bytes: string): void
  /** Feeds the parser: the client's events `headers`, `body` and `response` come out of it. */
  parse(chunk: Buffer): number | Error
  /** Completes a body that had no length, and so ends with its connection. False if there is none. */
  endBody(): boolean
  disconnect(): void
  /** For good. */
  destroy(): void
}>

/**
 * THE SEAM. autocannon's client sends the next request the moment an answer is complete, and
 * connects again the moment a connection ends. Both moments must be ours. So these
 * methods are shadowed on the client, in `setupClient`, before it is used; sockets, parsing, queue
 * and clock stay autocannon's, for each shadowed method is called when it is time:
 *
 * | shadowed | autocannon alone | here |
 * | --- | --- | --- |
 * | `_doRequest` | sends at once, connected or not | `send` calls it, when the think time is over |
 * | `_connect` | connects again at once: a refused connection loops hot, and the lost request stays queued, so that each later answer is paired with the request before | `connect` calls it, with queue and parser emptied; the loss goes to `onConnectionEnd` |
 * | `getRequestBuffer` | the bytes that were built when the request was set, for 5 kB of garbage and a seventh of the CPU of a request | the bytes given to `send` |
 * | `requestIterator.nextRequest` | copies a context for the next request | nothing: `send` has it |
 * | `pipelinedRequests.addBody` | decodes each body into a string for nobody | nothing: the event `body` has it |
 * | the parser's callbacks | an interim answer (1xx) ends the request, and the final one finds nobody | an interim answer is passed over: RFC 9110, 15.2 |
 * | `parser.execute` | garbage is ignored until the time-out; an answer that nobody asked for kills the process | `parse` calls it and has its errors |
 *
 * @param first a client of the same load, whose options and unsent request then serve for this one too:
 *   they are the same, and each client's own copies take 7 kB
 */
export function openSeam(
  given: HttpClient,
  handlers: SeamHandlers,
  first: HttpClient = given,
): Seam {
  const client = privateClient(given)
  const { opts, requestIterator } = privateClient(first)
  const sendNow = client._doRequest.bind(client)
  const connectNow = client._connect.bind(client)
  const parse = client.parser.execute.bind(client.parser)
  let cause: Error | undefined
  let outgoing = ''
  let passesInterim = false

  // A client that never connected is destroyed like any other: give it something to destroy.
  client.conn = new Socket()
  client._doRequest = () => {}
  client.getRequestBuffer = () => outgoing
  client.opts = opts
  client.requestIterator = requestIterator
  requestIterator.nextRequest = () => {}
  client.pipelinedRequests.addBody = () => {}
  client._connect = () => {
    const reported = cause
    cause = undefined
    handlers.onConnectionEnd(reported)
  }
  client.parser.execute = (chunk) => {
    handlers.onData(chunk)
    return chunk.length
  }
  // Emitted just before `_connect`, and only for errors, not for an orderly end.
  client.on('connError', (error: Error) => {
    cause = error
  })

  return {
    client,
    connect(onReady) {
      // Set by autocannon after `setupClient`, so not to be shadowed before the first connection.
      if (!passesInterim) passOverInterim(client.parser)
      passesInterim = true
      client._destroyConnection()
      client.parser.reinitialize('RESPONSE')
      connectNow()
      const socket = client.conn
      socket.setNoDelay(true)
      socket.once(client.secure ? 'secureConnect' : 'connect', () => {
        if (socket === client.conn && !socket.destroyed) onReady()
      })
    },
    send(bytes) {
      outgoing = bytes
      sendNow()
    },
    parse,
    endBody() {
      if (client.parser.state !== 'BODY_RAW') return false
      return client.parser.finish() === undefined
    },
    disconnect: () => client._destroyConnection(),
    destroy: () => client.destroy(),
  }
}

/** 101 is no interim answer: the connection speaks another protocol from then on. */
function passOverInterim(parser: Parser): void {
  const [headers, message] = [parser[HEADERS_COMPLETE], parser[MESSAGE_COMPLETE]]
  let interim = false
  parser[HEADERS_COMPLETE] = (head) => {
    interim = head.statusCode < 200 && head.statusCode !== 101
    // True: it has no body, whatever its headers say.
    return interim ? true : headers(head)
  }
  parser[MESSAGE_COMPLETE] = () => {
    if (!interim) return message()
    interim = false
    return undefined
  }
}

/** By their owner, a member of the client, or itself. */
const METHODS = {
  '': ['_doRequest', '_connect', '_destroyConnection', 'destroy', 'getRequestBuffer'],
  parser: ['execute', 'finish', 'reinitialize'],
  requestIterator: ['nextRequest'],
  pipelinedRequests: ['addBody'],
}

/** @throws Error naming the members that another version of autocannon no longer has */
function privateClient(client: HttpClient): PrivateClient {
  if (isPrivateClient(client)) return client
  throw new Error(
    `autocannon's client has no ${lacking(client).join(', ')}: the load needs exactly 9.0.0; ` +
      'run npm ci, or carry runner/load/http/autocannon-seam.ts over to the new version',
  )
}

const isPrivateClient = (client: HttpClient): client is PrivateClient =>
  lacking(client).length === 0

function lacking(client: HttpClient): readonly string[] {
  return Object.entries(METHODS).flatMap(([member, methods]) => {
    const owner = member === '' ? client : memberOf(client, member)
    return methods.filter((name) => typeof memberOf(owner, name) !== 'function')
  })
}

const memberOf = (owner: unknown, name: string): unknown =>
  typeof owner === 'object' && owner !== null ? Reflect.get(owner, name) : undefined
