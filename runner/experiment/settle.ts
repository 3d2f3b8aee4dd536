import { setTimeout as delay } from 'node:timers/promises'
import type { HostState } from '../measurement/trial.ts'
import { busyRatio, readHostTicks } from '../telemetry/host-ticks.ts'
import { yardstickMs } from '../telemetry/yardstick.ts'

/** ms. Long beside a tick of /proc/stat (10 ms), short beside a trial. */
const SETTLE_MS = 2_000

/**
 * The pause before a trial's load, for what the database's making and the arm's start left to be done;
 * in it nothing of the kit works, so what the machine does then is somebody else's.
 *
 * @throws AbortError when the signal comes
 */
export async function settle(signal: AbortSignal): Promise<HostState> {
  const from = await readHostTicks()
  await delay(SETTLE_MS, undefined, { signal })
  const to = await readHostTicks()
  return {
    busyRatio: busyRatio(from, to),
    yardstickBeforeMs: yardstickMs(),
    yardstickAfterMs: null,
  }
}
