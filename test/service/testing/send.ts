import { type Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'

export type Sent = Readonly<{
  method: string
  path: string
  headers: Readonly<Record<string, string>>
  body?: string | Buffer | undefined
}>

export type Received = Readonly<{ status: number; type: string; allow: string; body: string }>

/** Sends a request to the letter, its path and headers too, and reads the answer whatever it is. */
export function send(url: string, agent: Agent, sent: Sent): Promise<Received> {
  const { method, headers, body } = sent
  // A URL would be made plain on the way.
  const path = new URL(url).pathname.replace(/\/$/, '') + sent.path
  const length = { 'content-length': Buffer.byteLength(body ?? '') }
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, path, agent, headers: { ...headers, ...length } })
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      const { 'content-type': type = '', allow = '' } = response.headers
      void text(response).then(
        (answer) => resolve({ status: response.statusCode ?? 0, type, allow, body: answer }),
        reject,
      )
    })
    outgoing.end(body)
  })
}
