import type { HttpRequest } from '../../scenario/journey.ts'
import { openConnections } from './client.ts'
import type { ConnectionOptions, Ending } from './connection.ts'

/**
 * One request on a connection of its own, by the load's client: what it accepts and refuses is what the
 * load does.
 */
export async function exchange(options: ConnectionOptions, request: HttpRequest): Promise<Ending> {
  return await new Promise((resolve) => {
    openConnections(1, options, (connection) => {
      // The client is whole once `openConnections` is through.
      queueMicrotask(() => connection.send(request))
      return {
        sent() {},
        ended(ending) {
          // An answer's body is only good until this returns.
          const kept =
            ending.kind === 'failed'
              ? ending
              : { ...ending, answer: { ...ending.answer, body: Buffer.from(ending.answer.body) } }
          connection.close()
          resolve(kept)
        },
      }
    })
  })
}
