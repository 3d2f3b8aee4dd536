import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'

/**
 * The front door keeps idle connections for 60 s: this side must keep them longer, or a request meets a
 * connection that is being closed. What a head or a body may be, and how slow, is for the front door.
 */
const KEEP_ALIVE_TIMEOUT_MS = 75_000

/** The HTTP server of the app, not yet listening. */
export function createHttpServer(app: Hono, stopping: AbortSignal): Server {
  const serverOptions = { keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS }
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions }) as Server
  server.prependListener('request', (_, outgoing) => {
    if (stopping.aborted) outgoing.shouldKeepAlive = false
  })
  return server
}

/**
 * Stops accepting, and resolves once every request in flight has been answered: `true`, or `false` if
 * some were cut off after `timeoutMs`.
 */
export async function drain(server: Server, timeoutMs: number): Promise<boolean> {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  let inTime = true
  // A connection that was busy at the stop becomes idle later; `close` looks only once.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const deadline = setTimeout(() => {
    inTime = false
    server.closeAllConnections()
  }, timeoutMs)
  await closed
  clearInterval(sweep)
  clearTimeout(deadline)
  return inTime
}
