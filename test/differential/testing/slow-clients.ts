import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { askAll, type Way } from './compare.ts'
import { bytesOf, rawOrder, rawRequest } from './raw-request.ts'

/** ms. A byte is sent each so often, so that no time-out between two of them is ever met. */
const BYTE_EVERY_MS = 2_000
/** ms. How often a client looks how late it is itself. */
const LOOK_EVERY_MS = 100
/** ms. Far beyond the time in which a service cuts one off. */
const GIVE_UP_MS = 40_000

/** services/contract.yaml: 10 s and 15 s, and two seconds more at most. */
export const HEAD_WITHIN_MS = 12_000
export const REQUEST_WITHIN_MS = 17_000
/** ms. One whom the slow keep waiting waits until they are cut off, at 10 s or 15 s, or is told so; less is a busy machine. */
export const ORDINARY_WITHIN_MS = 8_000

type Cut = Readonly<{
  /** From the first byte to the end of the connection. */
  afterMs: number
  /** What the service said before it closed. */
  said: string
}>

const ORDER = rawOrder('{"productId":1,"quantity":1}', {
  headers: [['X-Padding', 'x'.repeat(100)]],
})
const WHOLE = bytesOf(ORDER)
const HEAD_BYTES = WHOLE.indexOf('\r\n\r\n') + 4

/** Clients that begin a request at once and then send a byte every two seconds. */
export const slowHeads = (way: Way, count: number): Promise<Cut[]> =>
  slow(way, count, bytesOf(ORDER, way.base), 40)
export const slowBodies = (way: Way, count: number): Promise<Cut[]> =>
  slow(way, count, bytesOf(ORDER, way.base), HEAD_BYTES + way.base.length + 3)

async function slow(way: Way, count: number, bytes: Buffer, atOnce: number): Promise<Cut[]> {
  let lateMs = 0
  let lookedMs = performance.now()
  const look = setInterval(() => {
    lateMs = Math.max(lateMs, performance.now() - lookedMs - LOOK_EVERY_MS)
    lookedMs = performance.now()
  }, LOOK_EVERY_MS)
  const cuts = await Promise.all(Array.from({ length: count }, () => dripped(way, bytes, atOnce)))
  clearInterval(look)
  // What this process was late by is the machine's, and no fault of a service.
  return cuts.map(({ afterMs, said }) => ({ afterMs: afterMs - lateMs, said }))
}

function dripped({ host, port }: Way, bytes: Buffer, atOnce: number): Promise<Cut> {
  return new Promise((resolve) => {
    let startedMs = performance.now()
    let said = ''
    let sent = atOnce
    const socket = connect(port, host, () => {
      startedMs = performance.now()
      socket.write(bytes.subarray(0, atOnce))
    })
    const drip = setInterval(() => {
      if (sent < bytes.length && socket.writable) socket.write(bytes.subarray(sent, (sent += 1)))
    }, BYTE_EVERY_MS)
    const giveUp = setTimeout(() => socket.destroy(), GIVE_UP_MS)
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearInterval(drip)
      clearTimeout(giveUp)
      resolve({ afterMs: performance.now() - startedMs, said })
    })
  })
}

/** The longest that one who asks as one should has to wait, asking again and again until `over`. */
export async function longestOrdinary(way: Way, over: Promise<unknown>): Promise<number> {
  const end = new AbortController()
  void over.then(() => end.abort())
  let longestMs = 0
  while (!end.signal.aborted) {
    for (const request of [rawRequest(), ORDER]) {
      const fromMs = performance.now()
      const [answer] = (await askAll([way], request, GIVE_UP_MS)).values()
      longestMs = Math.max(longestMs, performance.now() - fromMs)
      // A service whose places the slow hold says 503.
      if (((answer as { status?: number }).status ?? 500) >= 500) return Infinity
    }
    await delay(100)
  }
  return longestMs
}

/** Those that were not cut off in time, or without the answer that they are owed. */
export function lateOf(
  what: string,
  cuts: readonly Cut[],
  withinMs: number,
  isTold: boolean,
): string[] {
  return cuts
    .filter(({ afterMs, said }) => {
      return afterMs > withinMs || said.startsWith('HTTP/1.1 408 ') !== isTold
    })
    .slice(0, 3)
    .map(({ afterMs, said }) => `slow ${what}: ${Math.round(afterMs)} ms, ${said.slice(0, 60)}`)
}
