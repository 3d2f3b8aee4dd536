import type { Socket } from 'node:net'
import type { Fault } from './protocol.ts'

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
