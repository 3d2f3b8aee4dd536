import { performance } from 'node:perf_hooks'
import { urlToHttpOptions } from 'node:url'
import HttpClient from 'autocannon/lib/httpClient.js'
import { openSeam } from './autocannon-seam.ts'
import {
  type Connection,
  type ConnectionEvents,
  type ConnectionOptions,
  HEAD_BOUND_BYTES,
  type TransportError,
} from './connection.ts'
import { giveDescriptorBack, takeDescriptor } from './descriptors.ts'
import { collectReply, requestWriter, type RequestWriter, Violation } from './parser.ts'

/** s. Longer than any run, and still below the 2^31 ms that a timer can hold. */
const NEVER_S = 1e6

/**
 * Makes `count` connections, each of which gets its events from `use`, at once. None connects
 * before it first sends, so a crowd does not overflow the listener's backlog.
 *
 * Of autocannon only its client is used: what runs around it keeps histograms, a progress bar and
 * tables that nobody here reads, in 10 MB, and timers that outlive their end by half a second.
 *
 * @throws Error if the URL is not one of http or https
 */
export function openConnections(
  count: number,
  { url, timeoutMs }: ConnectionOptions,
  use: (connection: Connection) => ConnectionEvents,
): void {
  const write = requestWriter(url)
  /** No list of them: a client that has left is not to be kept by those that came with it. */
  let first: HttpClient | undefined
  const options = {
    ...urlToHttpOptions(new URL(url)),
    // No rate of any kind: it would turn on a correction with the wrong unit, and bursts.
    timeout: NEVER_S,
    setupClient(client: HttpClient) {
      adoptClient(client, { write, timeoutMs, first }, use)
    },
  }
  for (let made = 0; made < count; made += 1) {
    const client = new HttpClient(options)
    first ??= client
  }
}

type Phase = 'idle' | 'connecting' | 'awaiting' | 'closed'

type AdoptOptions = Readonly<{
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
function adoptClient(
  client: HttpClient,
  options: AdoptOptions,
  use: (connection: Connection) => ConnectionEvents,
): void {
  let phase: Phase = 'idle'
  let connected = false
  let holdsDescriptor = false
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
    release()
  }

  function release(): void {
    if (holdsDescriptor) giveDescriptorBack()
    holdsDescriptor = false
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
      holdsDescriptor = takeDescriptor()
      if (!holdsDescriptor) return failed('client-exhausted')
      return seam.connect(transmit)
    },
    close() {
      phase = 'closed'
      clearTimeout(timer)
      seam.destroy()
      release()
    },
    strays: () => strays,
  })
}

/** errno(3) values that say that this machine, not the other side, has run out of something. */
const EXHAUSTED = new Set(['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAGAIN'])

/** The class of a failure to connect. With several addresses tried, the error carries them all. */
function connectError(cause: Error | undefined): TransportError {
  const causes: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [cause]
  return causes.some(isExhaustion) ? 'client-exhausted' : 'connection-refused'
}

const isExhaustion = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  EXHAUSTED.has(error.code)
