import { performance } from 'node:perf_hooks'
import type HttpClient from 'autocannon/lib/httpClient.js'
import { openSeam } from './autocannon-seam.ts'
import { connectError } from './connect-error.ts'
import {
  HEAD_BOUND_BYTES,
  type Connection,
  type ConnectionEvents,
  type TransportError,
} from './connection.ts'
import { collectReply, Violation } from './reply.ts'
import type { RequestWriter } from './request-bytes.ts'

type Phase = 'idle' | 'connecting' | 'awaiting' | 'closed'

export type AdoptOptions = Readonly<{
  write: RequestWriter
  timeoutMs: number
  /** The first client of the same load. */
  first?: HttpClient | undefined
}>

/**
 * Gives `use` one of autocannon's clients as a `Connection`. Call from `setupClient`.
 * The time-out is a timer of ours, re-armed by each request and ignored while idle; autocannon's
 * own must be given a limit that never comes, since it fires on idle clients too.
 */
export function adoptClient(
  client: HttpClient,
  options: AdoptOptions,
  use: (connection: Connection) => ConnectionEvents,
): void {
  let phase: Phase = 'idle'
  let connected = false
  let queued = ''
  let startedAtMs = 0
  let receivedBytes = 0
  let requests = 0
  let strays = 0
  let timer: NodeJS.Timeout | undefined

  const handlers = { onConnectionEnd: lost, onData: receive }
  const seam = openSeam(client, handlers, options.first)
  const reply = collectReply(client)

  function receive(chunk: Buffer): void {
    if (phase !== 'awaiting') return stray()
    receivedBytes += chunk.length
    const violation = parse(chunk)
    if (reply.durationMs() !== undefined) {
      // Bytes beyond the answer's end: it is judged by its own, the connection is not used again.
      if (violation !== undefined) stray()
      answered()
    } else if (violation !== undefined) {
      failed(violation)
    }
  }

  function parse(chunk: Buffer): TransportError | undefined {
    try {
      if (seam.parse(chunk) instanceof Error) return 'invalid-response'
    } catch (error) {
      // Or a TypeError of autocannon's, which has no request for an answer that nobody asked for.
      return error instanceof Violation ? error.error : 'invalid-response'
    }
    if (receivedBytes - reply.bodyBytes() <= HEAD_BOUND_BYTES) return undefined
    return reply.hasHead() ? 'invalid-body' : 'invalid-response'
  }

  function stray(): void {
    if (phase === 'closed') return
    strays += 1
    disconnect()
  }

  function lost(cause: Error | undefined): void {
    if (phase === 'connecting') {
      failed(connectError(cause))
    } else if (phase === 'awaiting') {
      // A response without a length ends with its connection: RFC 9112, 6.3, case 8.
      if (cause === undefined && seam.endBody()) answered()
      else failed('connection-lost')
    } else if (phase === 'idle') {
      disconnect()
    }
  }

  function answered(): void {
    const answer = reply.answer()
    const durationMs = reply.durationMs() ?? performance.now() - startedAtMs
    if (!reply.keepsAlive()) disconnect()
    reply.clear()
    phase = 'idle'
    events.ended({ kind: 'answered', answer, durationMs })
  }

  function failed(error: TransportError): void {
    const durationMs = performance.now() - startedAtMs
    disconnect()
    reply.clear()
    phase = 'idle'
    events.ended({ kind: 'failed', error, durationMs })
  }

  function disconnect(): void {
    connected = false
    seam.disconnect()
  }

  function transmit(): void {
    connected = true
    phase = 'awaiting'
    receivedBytes = 0
    timer?.refresh()
    startedAtMs = performance.now()
    events.sent(startedAtMs)
    seam.send(queued)
  }

  function expire(): void {
    // The answer may be waiting in the socket while this process was busy: read that first.
    const expired = requests
    setImmediate(() => {
      const waiting = phase === 'awaiting' || phase === 'connecting'
      if (waiting && requests === expired) failed('timeout')
    })
  }

  const events = use({
    send(request) {
      if (phase !== 'idle') throw new Error(`cannot send on a connection that is ${phase}`)
      requests += 1
      queued = options.write(request)
      startedAtMs = performance.now()
      if (timer === undefined) timer = setTimeout(expire, options.timeoutMs)
      else timer.refresh()
      if (connected) return transmit()
      phase = 'connecting'
      seam.connect(transmit)
    },
    close() {
      phase = 'closed'
      clearTimeout(timer)
      seam.destroy()
    },
    strays: () => strays,
  })
}
