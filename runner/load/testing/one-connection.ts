import type { TestContext } from 'node:test'
import { openConnections } from '../autocannon-clients.ts'
import type { Connection, Ending } from '../connection.ts'
import type { HttpRequest } from '../step.ts'

export type OneConnection = Readonly<{
  /** Sends, and resolves with the end of the request. */
  request(request?: HttpRequest): Promise<Ending>
  connection: Connection
  /** How many endings there were: a second one for the same request shows here. */
  endings(): number
  /** How many requests had their first byte sent. */
  sent(): number
}>

/** A single connection to `url`, closed when the test ends. */
export function openOne(t: TestContext, url: string, timeoutMs = 5000): OneConnection {
  let waiting: ((ending: Ending) => void) | undefined
  let endings = 0
  let sent = 0
  const opened: Connection[] = []
  openConnections(1, { url, timeoutMs }, (connection) => {
    opened.push(connection)
    return {
      sent: () => (sent += 1),
      ended(ending) {
        endings += 1
        waiting?.(ending)
        waiting = undefined
      },
    }
  })
  const [connection] = opened
  if (connection === undefined) throw new Error('autocannon made no client')
  t.after(() => connection.close())
  return {
    connection,
    endings: () => endings,
    sent: () => sent,
    request: (request = { method: 'GET', path: '/' }) =>
      new Promise((resolve) => {
        waiting = resolve
        connection.send(request)
      }),
  }
}

/** An ending without its duration, its body as text: what tests compare. */
export function outcomeOf(ending: Ending): string {
  if (ending.kind === 'failed') return ending.error
  return `${ending.answer.status} ${ending.answer.body.toString('utf8')}`
}
