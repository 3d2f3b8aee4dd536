import { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { PrivateClient, ResponseHead } from './autocannon-client.ts'
import {
  BODY_BOUND_BYTES,
  HEAD_BOUND_BYTES,
  type Connection,
  type ConnectionEvents,
  type TransportError,
} from './connection.ts'
import { connectError } from './connect-error.ts'
import type { HttpRequest } from './step.ts'

/** Thrown out of the parser's callbacks to stop it; caught in our `execute`. */
class Violation extends Error {
  readonly error: TransportError
  constructor(error: TransportError) {
    super(error)
    this.error = error
  }
}

type Phase = 'idle' | 'connecting' | 'awaiting' | 'closed'

/**
 * THE SEAM. autocannon's client sends the next request the moment an answer is complete, and
 * connects anew the moment a connection ends. Both moments must be ours, so three methods are
 * shadowed, on this one client, before it is used (from `setupClient`); each shadow calls what it
 * hides, so the bytes, the sockets, the parsing and the clock stay autocannon's:
 *
 * | shadow | autocannon alone | here |
 * | --- | --- | --- |
 * | `_doRequest` | sends at once, connected or not | nothing; `send` calls the original when it is time |
 * | `_connect` | connects again at once: refused connections loop hot; the queue keeps the lost request, and every later answer is paired with the request before | the loss gets its class and ends the request; the original is called by the next `send`, with queue and parser emptied |
 * | `parser.execute` | garbage is ignored until the timeout; an answer nobody asked for throws a TypeError that kills the process | both end the connection, and the request if there is one |
 *
 * Also ours: the timeout (a re-armed timer, parked while idle; autocannon's own ticker is given a
 * limit that never comes) and the bound on what is kept of a response.
 */
export function adoptClient(
  client: PrivateClient,
  options: Readonly<{ basePath: string; timeoutMs: number }>,
  events: ConnectionEvents,
): Connection {
  const sendNow = client._doRequest
  const connectNow = client._connect
  const parse = client.parser.execute

  let phase: Phase = 'idle'
  let connected = false
  let queued: HttpRequest | undefined
  let startedAt = 0
  let socketError: Error | undefined
  let head: ResponseHead | undefined
  let answeredMs: number | undefined
  let body: Buffer[] = []
  let bodyBytes = 0
  let receivedBytes = 0
  let generation = 0
  let strays = 0
  let timer: NodeJS.Timeout | undefined

  // `destroy` of a client that never connected needs something to destroy.
  client.conn = new Socket()
  client._doRequest = () => {}
  client._connect = () => {
    if (phase !== 'closed') lost()
  }
  client.parser.execute = (chunk) => {
    receive(chunk)
    return chunk.length
  }

  client.on('connError', (error: Error) => {
    socketError = error
  })
  client.on('headers', (received: unknown) => {
    head = received as ResponseHead
  })
  client.on('body', (piece: Buffer) => {
    // The parser yields an empty piece only for a negative or unreadable length, and then runs
    // backwards through the chunk, for ever if the server likes.
    if (piece.length === 0) throw new Violation('invalid-response')
    bodyBytes += piece.length
    if (bodyBytes > BODY_BOUND_BYTES) throw new Violation('invalid-body')
    body.push(piece)
  })
  client.on('response', (_status: number, _bytes: number, durationMs: number) => {
    if (answeredMs !== undefined) throw new Violation('invalid-response')
    answeredMs = durationMs
  })

  function receive(chunk: Buffer): void {
    if (phase !== 'awaiting') {
      if (phase !== 'closed') strays += 1
      disconnect()
      return
    }
    receivedBytes += chunk.length
    let violation: TransportError | undefined
    try {
      const result = parse.call(client.parser, chunk)
      if (result instanceof Error) violation = 'invalid-response'
      else if (receivedBytes - bodyBytes > HEAD_BOUND_BYTES) violation = 'invalid-response'
    } catch (error) {
      violation = error instanceof Violation ? error.error : 'invalid-response'
    }
    if (answeredMs !== undefined) {
      // Bytes beyond the end of the answer: it is judged by its own, the connection is not reused.
      if (violation !== undefined) {
        strays += 1
        disconnect()
      }
      answer()
    } else if (violation !== undefined) {
      fail(violation)
    }
  }

  function answer(): void {
    const ending = {
      kind: 'answered',
      answer: {
        status: head?.statusCode ?? 0,
        body: body.length === 1 && body[0] !== undefined ? body[0] : Buffer.concat(body),
      },
      durationMs: answeredMs ?? performance.now() - startedAt,
    } as const
    // An interim answer (1xx) ends the request here too: its final one must find nobody waiting.
    if (head?.shouldKeepAlive !== true || ending.answer.status < 200) disconnect()
    settle()
    events.ended(ending)
  }

  function fail(error: TransportError): void {
    const durationMs = performance.now() - startedAt
    disconnect()
    settle()
    events.ended({ kind: 'failed', error, durationMs })
  }

  function settle(): void {
    phase = 'idle'
    queued = undefined
    head = undefined
    answeredMs = undefined
    body = []
    bodyBytes = 0
    receivedBytes = 0
  }

  /** Called where autocannon wants to connect anew: when constructed, and after `error` and `end`. */
  function lost(): void {
    const cause = socketError
    socketError = undefined
    if (phase === 'connecting') {
      fail(connectError(cause))
    } else if (phase === 'awaiting') {
      if (cause === undefined && endsBody()) answer()
      else fail('connection-lost')
    } else {
      disconnect()
    }
  }

  /** A response without a length ends with its connection: RFC 9112, 6.3, case 8. */
  function endsBody(): boolean {
    if (client.parser.state !== 'BODY_RAW') return false
    client.parser.finish()
    return answeredMs !== undefined
  }

  function disconnect(): void {
    connected = false
    client._destroyConnection()
  }

  function connect(): void {
    phase = 'connecting'
    client.parser.reinitialize('RESPONSE')
    client._destroyConnection()
    connectNow.call(client)
    const socket = client.conn
    socket.setNoDelay(true)
    socket.once(client.secure ? 'secureConnect' : 'connect', () => {
      if (socket !== client.conn || phase !== 'connecting') return
      connected = true
      transmit()
    })
  }

  function transmit(): void {
    if (queued === undefined) return
    client.setRequests([toAutocannon(queued, options.basePath)])
    phase = 'awaiting'
    timer?.refresh()
    startedAt = performance.now()
    events.sent()
    sendNow.call(client)
  }

  function expire(): void {
    // The answer may be waiting in the socket while this process was busy: read it first.
    const expired = generation
    setImmediate(() => {
      if (generation === expired && (phase === 'awaiting' || phase === 'connecting')) {
        fail('timeout')
      }
    })
  }

  return {
    send(request) {
      if (phase !== 'idle') throw new Error(`a request was sent on a connection that is ${phase}`)
      generation += 1
      queued = request
      startedAt = performance.now()
      if (timer === undefined) timer = setTimeout(expire, options.timeoutMs)
      else timer.refresh()
      if (connected) transmit()
      else connect()
    },
    close() {
      phase = 'closed'
      clearTimeout(timer)
      client.destroy()
    },
    strays: () => strays,
  }
}

const POST_HEADERS = { 'content-type': 'application/json', accept: 'application/json' }
const GET_HEADERS = { accept: 'application/json' }

function toAutocannon(request: HttpRequest, basePath: string) {
  const { method, path, body } = request
  return body === undefined
    ? { method, path: basePath + path, headers: GET_HEADERS }
    : { method, path: basePath + path, headers: POST_HEADERS, body }
}
