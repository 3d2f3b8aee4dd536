import type { EventEmitter } from 'node:events'
import type { Answer } from '../../scenario/answer.ts'
import type { HttpRequest } from '../../scenario/journey.ts'
import { BODY_BOUND_BYTES, type TransportError } from './connection.ts'

/** Thrown out of the parser's callbacks to stop it in the middle of a chunk. */
export class Violation extends Error {
  readonly error: TransportError
  constructor(error: TransportError) {
    super(error)
    this.error = error
  }
}

/** The head that autocannon's `headers` event carries. */
type Head = Readonly<{
  statusCode: number
  shouldKeepAlive: boolean
  /** Names and values in turn. */
  headers: readonly string[]
}>

/** The answer that is coming in. */
export type Reply = {
  /** ms. autocannon's duration, from the write to the last byte; undefined until it is complete. */
  durationMs(): number | undefined
  bodyBytes(): number
  hasHead(): boolean
  answer(): Answer
  /** The connection can carry another request. */
  keepsAlive(): boolean
  /**
   * Forgets the answer. As soon as it is judged: held for a think time, the last bodies of a crowd
   * would be copied by each collection of the young generation, which stops the clock for all.
   */
  clear(): void
}

/** Collects one answer at a time from the client's events, within bounds. */
export function collectReply(client: EventEmitter): Reply {
  let head: Head | undefined
  let pieces: Buffer[] = []
  let bodyBytes = 0
  let durationMs: number | undefined

  client.on('headers', (received: Head) => {
    if (durationMs !== undefined) throw new Violation('invalid-response')
    if (received.statusCode < 200) throw new Violation('invalid-response')
    if (isEncoded(received.headers)) throw new Violation('encoded-body')
    head = received
  })
  client.on('body', (piece: Buffer) => {
    // The parser yields an empty piece only for a negative or unreadable length, and would then
    // run backwards through the chunk, for ever if the server likes.
    if (piece.length === 0) throw new Violation('invalid-response')
    bodyBytes += piece.length
    if (bodyBytes > BODY_BOUND_BYTES) throw new Violation('invalid-body')
    pieces.push(piece)
  })
  client.on('response', (_status: number, _bytes: number, measuredMs: number) => {
    durationMs = measuredMs
  })

  return {
    durationMs: () => durationMs,
    bodyBytes: () => bodyBytes,
    hasHead: () => head !== undefined,
    answer() {
      const [first] = pieces
      const whole = pieces.length === 1 && first !== undefined
      return {
        status: head?.statusCode ?? 0,
        headers: head?.headers ?? [],
        body: whole ? first : Buffer.concat(pieces),
      }
    },
    keepsAlive: () => head !== undefined && head.shouldKeepAlive,
    clear() {
      head = undefined
      pieces = []
      bodyBytes = 0
      durationMs = undefined
    },
  }
}

const ENCODING = 'content-encoding'

/** Is the body in another form than the one that every request asks for? */
function isEncoded(headers: readonly string[]): boolean {
  return headers.some(
    (name, at) =>
      at % 2 === 0 &&
      name.length === ENCODING.length &&
      name.toLowerCase() === ENCODING &&
      headers[at + 1]?.toLowerCase() !== 'identity',
  )
}

/** A request as it goes over the wire. */
export type RequestWriter = (request: HttpRequest) => string

/**
 * Writes requests to `url`, whose path goes before theirs and whose user and password, if it has
 * them, go with each that has no authorization of its own (RFC 7617).
 *
 * @throws Error if the URL is not one of http or https
 */
export function requestWriter(url: string): RequestWriter {
  const { protocol, host, pathname, username, password } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new Error(`cannot drive ${url}: give an http or https URL`)
  }
  const basePath = pathname.replace(/\/+$/, '')
  const headers = [
    `Host: ${host}`,
    'Connection: keep-alive',
    'Accept: application/json',
    'Accept-Encoding: identity',
  ].join('\r\n')
  const basic = username === '' ? '' : `Authorization: Basic ${credentials(username, password)}\r\n`

  return ({ method, path, headers: own = '', body }) => {
    // A request has one of them (RFC 9110, section 11.6.2): the journey's own goes first.
    const asUser = basic === '' || /^authorization:/im.test(own) ? '' : basic
    const head = `${method} ${basePath}${path} HTTP/1.1\r\n${headers}\r\n${asUser}${own}`
    if (body === undefined) return `${head}\r\n`
    const length = Buffer.byteLength(body)
    return `${head}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`
  }
}

const credentials = (username: string, password: string): string =>
  Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
