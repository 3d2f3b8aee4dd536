import { once } from 'node:events'
import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import { setInterval, setTimeout as sleep } from 'node:timers/promises'
import { startClosed } from '../load/closed.ts'
import type { Loaders } from '../load/loaders.ts'
import type { Calibration } from './calibration.ts'
import { exactStatistics } from './measure.ts'
import { type DelayServer, startDelayServer } from './server-process.ts'

const USERS = 20
/** s. Some 20,000 requests: V8 has compiled what a request runs through. */
const DURATION_S = 1.5

/**
 * Lets the instrument run on a server of its own before it measures anything. At 120 requests/s its
 * code would stay interpreted for a minute, at twice the CPU and a tenth of a millisecond of latency.
 */
export async function warmUp(loaders: Loaders | null = null): Promise<void> {
  await using server = await startDelayServer()
  await warmUpOn(server, loaders)
}

export async function warmUpOn(server: DelayServer, loaders: Loaders | null = null): Promise<void> {
  const options = {
    url: `${server.url}/0ms`,
    thinkMs: { min: 0, max: 0 },
    timeoutMs: 10_000,
    seed: 0,
  }
  const { journey, source } = server.scenario
  const load =
    loaders?.start({ ...options, scenario: source }) ?? startClosed({ ...options, journey })
  try {
    await load.apply({ users: USERS * (loaders?.count ?? 1) })
    load.openWindow()
    await sleep(DURATION_S * 1000)
    await load.closeWindow()
  } finally {
    await load.stop()
  }
}

const ROUNDS = 500

/**
 * Round trips of a bare socket, one at a time, to the server that answers at once: the way there
 * and back through the kernel, which the server's own clock cannot see and no client can avoid.
 * It is shown beside the bounds and subtracted from nothing.
 */
export async function measureFloor(server: DelayServer): Promise<Calibration['floor']> {
  const socket = connect({ port: server.port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  const request = 'GET /0ms/products/1 HTTP/1.1\r\nHost: any\r\n\r\n'
  const roundTrips = new Float64Array(ROUNDS)
  for (let round = -ROUNDS; round < ROUNDS; round += 1) {
    const sentAtMs = performance.now()
    socket.write(request)
    // One at a time is the point
    await once(socket, 'data')
    // The first half warms both sides up.
    if (round >= 0) roundTrips[round] = performance.now() - sentAtMs
  }
  socket.destroy()
  const { p50Ms, p99Ms } = exactStatistics(roundTrips)
  return { p50Ms, p99Ms }
}

const WAKES = 500
/** ms. Apart as at some 120 requests/s: long enough for the processor to turn to others. */
const APART_MS = 4

/**
 * What it costs this machine to wake a Node process that then does nothing, in CPU microseconds. A
 * request wakes its client twice, to send and to receive: below that no client of Node's can come,
 * and on a busy virtual machine it is most of what a request costs at a low rate.
 */
export async function measureWakeUs(): Promise<number> {
  const before = process.cpuUsage()
  let wakes = 0
  for await (const _ of setInterval(APART_MS)) {
    wakes += 1
    if (wakes === WAKES) break
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / WAKES
}
