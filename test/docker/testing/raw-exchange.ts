import { connect, type NetConnectOpts } from 'node:net'

/** ms. Far more than an answer takes; a connection that is left open without one fails the test. */
const WITHIN_MS = 60_000

/** Sends bytes as they are, to the letter, and gives all that comes back until the other side closes. */
export async function rawExchange(at: NetConnectOpts, bytes: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(at, () => socket.write(bytes, 'latin1'))
    socket.setTimeout(WITHIN_MS, () => {
      socket.destroy()
      reject(new Error(`not closed within ${WITHIN_MS} ms: ${JSON.stringify(bytes)}: ${answer}`))
    })
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}

/** Status lines of all the answers in what came back. */
export function statuses(answer: string): number[] {
  return [...answer.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status))
}
