import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Answer, refusal } from './answer.ts'
import { problemOf } from './problems.ts'
import type { Route } from './routes.ts'

/** The HTTP server, not yet listening. */
export function createHttpServer(route: Route, stopping: AbortSignal): Server {
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, head, json } = await answerTo(request)
    if (stopping.aborted) response.shouldKeepAlive = false
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

  // The front door keeps idle connections for 60 s: this side must keep them longer.
  return createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    void handle(request, response)
  })
}
