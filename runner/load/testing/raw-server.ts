import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** A request as it came in. `index` counts the requests of its connection from 0. */
export type RawRequest = Readonly<{ line: string; path: string; body: string; index: number }>

export type RawServer = Readonly<{
  url: string
  port: number
  /** Connections accepted so far. */
  connections(): number
  /** Requests seen so far, over all connections. */
  requests: readonly RawRequest[]
  close(): Promise<void>
}>

/**
 * A server of bare sockets on a free port of loopback: `onRequest` writes whatever bytes it likes.
 * Closed, its connections with it, when the test ends.
 */
export async function startRawServer(
  t: TestContext,
  onRequest: (socket: Socket, request: RawRequest) => void,
  port = 0,
): Promise<RawServer> {
  const sockets = new Set<Socket>()
  const requests: RawRequest[] = []
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    let buffered = ''
    let index = 0
    socket.on('data', (chunk) => {
      buffered += chunk.toString('latin1')
      for (;;) {
        const end = buffered.indexOf('\r\n\r\n')
        if (end < 0) return
        const head = buffered.slice(0, end)
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
        if (buffered.length < end + 4 + length) return
        const line = head.slice(0, head.indexOf('\r\n'))
        const body = buffered.slice(end + 4, end + 4 + length)
        buffered = buffered.slice(end + 4 + length)
        const request = { line, path: line.split(' ')[1] ?? '', body, index }
        index += 1
        requests.push(request)
        onRequest(socket, request)
      }
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    if (!server.listening) return
    server.close()
    await once(server, 'close')
  }
  t.after(close)
  const address = portOf(server.address())
  return {
    url: `http://127.0.0.1:${address}`,
    port: address,
    connections: () => connections,
    requests,
    close,
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return address.port
}

/** A response with its length, as bytes. */
export function response(status: number, body: string, headers = ''): string {
  return `HTTP/1.1 ${status} Any\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`
}
