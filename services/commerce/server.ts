import { createServer, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { type Problem, problemDocument, respond } from './problems.ts'
import { refusalOfExpectation, refusalOfHead, UNREADABLE } from './request-head.ts'

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
  /** Of a header given twice the values are joined (RFC 9110, 5.3), so that none is overlooked. */
  joinDuplicateHeaders: true,
}

/** The HTTP server of the app, not yet listening. */
export function createHttpServer(app: Hono, stopping: AbortSignal): Server {
  const handle = getRequestListener(app.fetch, { errorHandler: () => respond(UNREADABLE) })
  const server = createServer(LIMITS, (incoming, outgoing) => {
    if (stopping.aborted) outgoing.shouldKeepAlive = false
    const refusal = refusalOfHead(incoming)
    if (refusal) answer(outgoing, refusal)
    else void handle(incoming, outgoing)
  })
  server.maxRequestsPerSocket = 0
  server.on('checkExpectation', (incoming, outgoing) => {
    answer(outgoing, refusalOfExpectation(incoming))
  })
  // A tunnel is not offered; without a listener Node would close without a word.
  server.on('connect', (_, socket) => socket.end(lastWords(UNREADABLE)))
  server.on('clientError', refuse)
  return server
}

/** Refuses a request for its head: where the next one would begin is not looked for. */
function answer(outgoing: ServerResponse, problem: Problem): void {
  const { status, json } = problemDocument(problem)
  const headers = {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(json),
    connection: 'close',
  }
  outgoing.writeHead(status, headers).end(json)
}

/** Answers what was no HTTP, or came too slowly, as far as there is still somebody to answer. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  socket.end(lastWords(problemOf(error.code)))
}

function lastWords(problem: Problem): string {
  const { status, title, json } = problemDocument(problem)
  return (
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\n` +
    `content-length: ${Buffer.byteLength(json)}\r\nconnection: close\r\n\r\n${json}`
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
