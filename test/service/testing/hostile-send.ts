import { type Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { HostileRequest } from './hostile-request.ts'

export type HostileAnswer = Readonly<{
  status: number
  type: string
  allow: string
  body: string
}>

/** Sends what a hostile client would, and reads the answer whatever it is. */
export function sendHostile(
  url: string,
  agent: Agent,
  hostile: HostileRequest,
): Promise<HostileAnswer> {
  const { method, body, chunked } = hostile
  // To the letter: a URL would be made plain on the way.
  const path = new URL(url).pathname.replace(/\/$/, '') + hostile.path
  // Node frames the body of a GET only if it is asked to.
  const framing = chunked
    ? { 'transfer-encoding': 'chunked' }
    : { 'content-length': body?.length ?? 0 }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, path, agent, headers: { ...hostile.headers, ...framing } })
    sent.on('error', reject)
    sent.on('response', (response) => {
      const { 'content-type': type = '', allow = '' } = response.headers
      void text(response).then(
        (answer) => resolve({ status: response.statusCode ?? 0, type, allow, body: answer }),
        reject,
      )
    })
    sent.end(body)
  })
}
