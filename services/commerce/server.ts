import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { type Problem, problemDocument, respond } from './problems.ts'

/**
 * Bounds on what a client may send and how slowly. The front door keeps idle connections for 60 s:
 * this side must keep them longer, or a request meets a connection that is being closed.
 */
const LIMITS = {
  keepAliveTimeout: 75_000,
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
  /** Request line and headers together. */
  maxHeaderSize: 16_384,
  /** A request without one is refused below with a body; Node would send none. */
  requireHostHeader: false,
}

const UNREADABLE: Problem = { code: 'bad-request', detail: 'The request is not valid HTTP.' }

/** The HTTP server of the app, not yet listening. */
export function createHttpServer(app: Hono, stopping: AbortSignal): Server {
  const handle = getRequestListener(app.fetch, { errorHandler: () => respond(UNREADABLE) })
  const server = createServer(LIMITS, (incoming, outgoing) => {
    if (stopping.aborted) outgoing.shouldKeepAlive = false
    void handle(incoming, outgoing)
  })
  server.maxRequestsPerSocket = 0
  // An expectation other than 100-continue may be ignored (RFC 9110, 10.1.1); Node would answer 417.
  server.on('checkExpectation', (incoming, outgoing) => server.emit('request', incoming, outgoing))
  server.on('clientError', refuse)
  return server
}

/** Answers what was no HTTP, or came too slowly, as far as there is still somebody to answer. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, title, json } = problemDocument(problemOf(error.code))
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(json)}\r\nconnection: close\r\n\r\n${json}`,
  )
}

function problemOf(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { code: 'headers-too-large', detail: `At most ${LIMITS.maxHeaderSize} bytes.` }
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { code: 'request-timeout', detail: 'The request did not arrive in time.' }
  }
  return UNREADABLE
}
