import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Answer, refusal } from './answer.ts'
import {
  EXPECTATION_FAILED,
  HEAD_TOO_LARGE,
  type Problem,
  problemOf,
  SLOW,
  titleOf,
  UNREADABLE,
} from './problems.ts'
import { refusalOfHead } from './request-head.ts'
import type { Route } from './routes.ts'

/** Those of the reference service. */
const LIMITS = {
  keepAliveTimeout: 75_000,
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
  requireHostHeader: false,
  joinDuplicateHeaders: true,
}

/** The HTTP server, not yet listening. */
export function createHttpServer(route: Route, stopping: AbortSignal): Server {
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = refusalOfHead(request)
    const { status, head, json } = refused ? refusal(refused) : await answerTo(request)
    // Where the request after one that is refused for its head begins is not looked for.
    if (stopping.aborted || refused) response.shouldKeepAlive = false
    head.push('content-length', String(Buffer.byteLength(json)))
    response.writeHead(status, head).end(json)
  }

  async function answerTo(request: IncomingMessage): Promise<Answer> {
    try {
      return await route(request)
    } catch (error) {
      return refusal(problemOf(error))
    }
  }

  const server = createServer(LIMITS, (request, response) => void handle(request, response))
  server.maxRequestsPerSocket = 0
  server.on('checkExpectation', (request, response: ServerResponse) => {
    const { status, head, json } = refusal(refusalOfHead(request) ?? EXPECTATION_FAILED)
    response.shouldKeepAlive = false
    head.push('content-length', String(Buffer.byteLength(json)))
    response.writeHead(status, head).end(json)
  })
  server.on('connect', (_, socket) => socket.end(lastWords(UNREADABLE)))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy()
    else socket.end(lastWords(clientProblem(error.code)))
  })
  return server
}

function clientProblem(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return HEAD_TOO_LARGE
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? SLOW : UNREADABLE
}

/** The answer to what was no HTTP, or came too slowly, so that Node has no response to send it by. */
function lastWords(problem: Problem): string {
  const { status, json } = refusal(problem)
  return (
    `HTTP/1.1 ${status} ${titleOf(status)}\r\ncontent-type: application/problem+json\r\n` +
    `content-length: ${Buffer.byteLength(json)}\r\nconnection: close\r\n\r\n${json}`
  )
}
