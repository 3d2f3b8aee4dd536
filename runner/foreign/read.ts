import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

/** How one answer of a service is asked for, and what it may take. */
export type ReadOptions = Readonly<{
  method?: string
  headers?: Readonly<Record<string, string>>
  body?: string | null
  /** ms. From the first attempt to connect to the last byte of the answer. */
  withinMs?: number
  /** Of the body. */
  maxBytes?: number
  /** Of a Unix socket, in place of the host of the address. */
  socketPath?: string
  /** One that keeps its connections; otherwise each read has a connection of its own. */
  agent?: HttpAgent
  /** Ends the reading with its reason. */
  signal?: AbortSignal | undefined
}>

/** `headers` as Node joins them: names in lower case. */
export type ReadAnswer = Readonly<{
  status: number
  headers: Readonly<Record<string, string | undefined>>
  text: string
}>

/**
 * Why there is no answer:
 * - `unreachable`: nothing listens there, or the name is not known
 * - `silent`: no whole answer in time
 * - `lost`: closed before the end of the answer
 * - `untrusted`: a certificate that cannot be checked, or no TLS at all
 * - `invalid`: not HTTP/1.1, or in an encoding that was not asked for
 * - `too-large`: the body passed its bound
 */
export type ReadFault = 'unreachable' | 'silent' | 'lost' | 'untrusted' | 'invalid' | 'too-large'

export class ReadError extends Error {
  override readonly name = 'ReadError'
  readonly fault: ReadFault

  constructor(fault: ReadFault, message: string) {
    super(message)
    this.fault = fault
  }
}

const WITHIN_MS = 10_000
/** As the load's bound of a body (runner/load/http/connection.ts). */
const MAX_BYTES = 2 ** 20

/**
 * One answer of a service that is not trusted: bounded in bytes and in time, never decompressed (no
 * encoding is asked for, and one that comes all the same is refused), redirects not followed, interim
 * answers (1xx) skipped. It goes straight to the host as the load does, past any proxy that the
 * environment names: what is checked is what is measured.
 *
 * @param address of http or https; a user and a password in it are sent as RFC 7617 says
 * @throws ReadError
 */
export async function readAnswer(address: string, options: ReadOptions = {}): Promise<ReadAnswer> {
  const { method = 'GET', body = null, withinMs = WITHIN_MS, maxBytes = MAX_BYTES } = options
  options.signal?.throwIfAborted()
  const url = new URL(address)
  const secure = url.protocol === 'https:'
  const agent = options.agent ?? (secure ? new HttpsAgent() : new HttpAgent())
  const socket = options.socketPath === undefined ? {} : { socketPath: options.socketPath }
  const headers = {
    'accept-encoding': 'identity',
    ...(body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    ...options.headers,
  }
  return await new Promise<ReadAnswer>((resolve, reject) => {
    let isOver = false
    const over = (): void => {
      isOver = true
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', stop)
    }
    const fail = (error: unknown): void => {
      if (isOver) return
      over()
      reject(error)
      request.destroy()
    }
    const stop = (): void => fail(options.signal?.reason)
    const request = (secure ? httpsRequest : httpRequest)(url, {
      method,
      headers,
      agent,
      ...socket,
    })
    options.signal?.addEventListener('abort', stop)
    const timer = setTimeout(
      () => fail(new ReadError('silent', `no whole answer within ${withinMs / 1000} s`)),
      withinMs,
    )
    request.on('error', (error) => fail(faultOf(error, url)))
    // Node ends a change of protocol (101) that nobody asked for without an error.
    request.on('close', () => fail(faultOf(new Error('closed'), url)))
    request.on('response', (response) => {
      response.on('error', (error) => fail(faultOf(error, url)))
      const encoding = response.headers['content-encoding'] ?? 'identity'
      if (encoding !== 'identity') {
        const text = `Content-Encoding ${encoding} although Accept-Encoding asked for identity`
        fail(new ReadError('invalid', text))
        return
      }
      const pieces: Buffer[] = []
      let bytes = 0
      response.on('data', (piece: Buffer) => {
        bytes += piece.length
        if (bytes > maxBytes) {
          fail(new ReadError('too-large', `a body of more than ${maxBytes / 1024} KiB`))
        } else pieces.push(piece)
      })
      response.on('end', () => {
        over()
        resolve(answerOf(response, Buffer.concat(pieces)))
      })
    })
    request.end(body ?? undefined)
  })
}

function answerOf(response: IncomingMessage, body: Buffer): ReadAnswer {
  const headers = Object.entries(response.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ])
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(headers) as ReadAnswer['headers'],
    text: body.toString('utf8'),
  }
}

const UNTRUSTED =
  /^(?:CERT_|ERR_TLS_CERT_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_(?:GET|VERIFY))/

/** Node's errors in the words of somebody who only gave an address. */
function faultOf(error: Error, url: URL): ReadError {
  // Several addresses of one name: each attempt failed in its own way, most often alike.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  const { code = '' } = first as NodeJS.ErrnoException
  const { host, hostname } = url
  if (code === 'ENOENT') return new ReadError('unreachable', 'the socket is not there')
  if (code === 'ECONNREFUSED') return new ReadError('unreachable', `nothing listens at ${host}`)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new ReadError('unreachable', `the name ${hostname} is not known`)
  }
  if (/^E(?:HOSTUNREACH|NETUNREACH|ACCES|HOSTDOWN)$/.test(code)) {
    return new ReadError('unreachable', `there is no way to ${host} (${code})`)
  }
  if (code === 'ETIMEDOUT') return new ReadError('silent', `${host} did not take the connection`)
  if (UNTRUSTED.test(code)) {
    const text =
      `the certificate of ${host} is not trusted (${code}). Name the file of its issuer, or of a ` +
      'self-signed certificate itself: NODE_EXTRA_CA_CERTS=FILE before the command'
    return new ReadError('untrusted', text)
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return new ReadError('untrusted', `${host} does not speak TLS as asked: is it http://?`)
  }
  if (code.startsWith('HPE_')) {
    return new ReadError('invalid', `the answer is not HTTP/1.1 (${code})`)
  }
  return new ReadError('lost', `the connection ended before the answer did (${code || 'closed'})`)
}

/** Deeper than any answer of the contract, and shallow enough for every parser and validator. */
const MAX_DEPTH = 32

/**
 * Parses JSON that somebody else wrote. Nesting is looked at first: ten megabytes of `[` would take the
 * parser a gigabyte.
 *
 * @throws SyntaxError where it is no JSON, or nested too deeply
 */
export function parseForeignJson(text: string): unknown {
  let [depth, quoted] = [0, false]
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at)
    if (quoted) {
      if (character === BACKSLASH) at += 1
      else if (character === QUOTE) quoted = false
    } else if (character === QUOTE) quoted = true
    else if (character === BRACKET || character === BRACE) {
      depth += 1
      if (depth > MAX_DEPTH) throw new SyntaxError(`JSON nested more than ${MAX_DEPTH} deep`)
    } else if (character === BRACKET_END || character === BRACE_END) depth -= 1
  }
  return JSON.parse(text) as unknown
}

const [QUOTE, BACKSLASH, BRACKET, BRACKET_END, BRACE, BRACE_END] = [
  0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d,
]
