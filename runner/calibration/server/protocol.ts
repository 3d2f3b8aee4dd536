import type { Socket } from 'node:net'

/** What is done in place of an answer, by the fault. */
export const FAULTS = [
  'FIN',
  'RST',
  'Connection: close',
  'hang',
  '503',
  '500',
  'broken body',
  'garbage',
] as const
export type Fault = (typeof FAULTS)[number]

/** To the server. It answers each with one message. */
export type Request =
  | Readonly<{ kind: 'take-log' }>
  /** Every `every`-th request below /faults meets the next fault in turn; 0: none. */
  | Readonly<{ kind: 'inject'; every: number }>
  /** Closes the listener and every connection, and listens again after `downMs`. */
  | Readonly<{ kind: 'restart'; downMs: number }>

/** What the server knows, since the log was last taken. Times on the clock of `process.hrtime`. */
export type ServerLog = Readonly<{
  /** ms. When a request had come in whole. */
  arrivedAtMs: Float64Array
  /** ms. From there until the last byte of its answer was handed to the kernel. */
  serviceMs: Float64Array
  /** ms. From the last answer on the connection to this request; NaN for its first. */
  gapMs: Float64Array
  /** Requests that came in, answered or not, by their endpoint. */
  received: Readonly<Record<string, number>>
  injected: Readonly<Record<Fault, number>>
}>

export type Reply =
  | Readonly<{ kind: 'listening'; port: number }>
  | Readonly<{ kind: 'log'; log: ServerLog }>
  | Readonly<{ kind: 'done' }>
  /** `lost`: requests that were waiting for their answer when the connections were closed. */
  | Readonly<{ kind: 'restarted'; lost: number }>

/** A request as bytes came: its first line and its body. */
export type OnRequest = (line: string, body: string) => void

/**
 * Reads requests off one connection's chunks, as little as the calibration needs: what an HTTP
 * parser costs would be service time that the server cannot see.
 */
export function createHttpReader(onRequest: OnRequest): (chunk: Buffer) => void {
  let buffered = ''
  return (chunk) => {
    buffered += chunk.toString('latin1')
    for (;;) {
      const headEnd = buffered.indexOf('\r\n\r\n')
      if (headEnd < 0) return
      const lengthAt = buffered.indexOf('Content-Length: ')
      const hasBody = lengthAt >= 0 && lengthAt < headEnd
      const length = hasBody ? Number.parseInt(buffered.slice(lengthAt + 16, headEnd), 10) : 0
      const end = headEnd + 4 + length
      if (buffered.length < end) return
      const line = buffered.slice(0, buffered.indexOf('\r\n'))
      const body = buffered.slice(headEnd + 4, end)
      buffered = buffered.slice(end)
      onRequest(line, body)
    }
  }
}

/** An answer with its length, as bytes. */
export const answerBytes = (status: number, body: string, header = ''): string =>
  `HTTP/1.1 ${status} Any\r\nContent-Type: application/json\r\n` +
  `Content-Length: ${Buffer.byteLength(body)}\r\n${header}\r\n${body}`

/** Does what the fault says. `body` is the right answer's, for the faults that still give it. */
export function misbehave(socket: Socket, fault: Fault, status: number, body: string): void {
  switch (fault) {
    case 'FIN':
      socket.end()
      break
    case 'RST':
      socket.resetAndDestroy()
      break
    case 'Connection: close':
      socket.end(answerBytes(status, body, 'Connection: close\r\n'))
      break
    case 'hang':
      break
    case '503':
    case '500':
      socket.write(answerBytes(Number(fault), '{}'))
      break
    case 'broken body':
      socket.write(answerBytes(status, body.slice(0, body.length / 2)))
      break
    case 'garbage':
      socket.write('\x16\x03\x01 not HTTP\r\n\r\n')
      break
    default:
      fault satisfies never
  }
}
