import { setInterval } from 'node:timers/promises'

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
