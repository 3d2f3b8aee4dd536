import { once } from 'node:events'
import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Calibration } from './calibration.ts'
import type { DelayServer } from './server-process.ts'
import { exactStatistics } from './statistics.ts'

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
    // oxlint-disable-next-line no-await-in-loop -- one at a time is the point
    await once(socket, 'data')
    // The first half warms both sides up.
    if (round >= 0) roundTrips[round] = performance.now() - sentAtMs
  }
  socket.destroy()
  const { p50Ms, p99Ms } = exactStatistics(roundTrips)
  return { p50Ms, p99Ms }
}
