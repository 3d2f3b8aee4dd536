import type { Server } from 'node:http'

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
