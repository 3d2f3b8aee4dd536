import { setTimeout as sleep } from 'node:timers/promises'
import { commerceJourney } from '../load/journey.ts'
import { startLoad } from '../load/load.ts'
import { startDelayServer, type DelayServer } from './server-process.ts'

const USERS = 20
/** s. Some 20,000 requests: V8 has compiled what a request runs through. */
const DURATION_S = 1.5

/**
 * Lets the instrument run on a server of its own before it measures anything. At 120 requests/s its
 * code would stay interpreted for a minute, at twice the CPU and a tenth of a millisecond of latency.
 */
export async function warmUp(): Promise<void> {
  await using server = await startDelayServer()
  await warmUpOn(server)
}

export async function warmUpOn(server: DelayServer): Promise<void> {
  const load = startLoad({
    url: `${server.url}/0ms`,
    thinkMs: { min: 0, max: 0 },
    timeoutMs: 10_000,
    seed: 0,
    journey: commerceJourney,
  })
  try {
    await load.setUsers(USERS)
    load.openWindow()
    await sleep(DURATION_S * 1000)
    await load.closeWindow()
  } finally {
    await load.stop()
  }
}
