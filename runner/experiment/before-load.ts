import { ALLOWED_CORES } from '../kit.ts'
import { outcomesOf } from '../load/figures.ts'
import { startClosed } from '../load/closed.ts'
import type { Load } from '../load/load.ts'
import type { HostState, Trial } from '../measurement/trial.ts'
import { trialSeed } from '../plan/plan.ts'
import type { Clock } from './clock.ts'
import { busyRatio, readHostTicks } from '../telemetry/host-ticks.ts'
import type { TrialSetting } from './trial.ts'
import { unlessAborted } from './unless-aborted.ts'

/** More than a service has workers or connections, so that it never waits for a user. */
const WARM_UP_USERS = 40

/**
 * A fresh process compiles what it runs, by how often that ran: ten thousand requests and more until what one costs
 * is even, or a thousand where each opens a connection. On a slow host that would take whole stages. So users who
 * never pause make it at full speed, and what they read is in no figure but their number; their orders are audited.
 *
 * @returns the load, which has ended
 */
export async function warmProcess(
  url: string,
  trial: Trial,
  {
    clock,
    configuration: { seed, startS = 0, timeoutMs },
    scenario: { journey },
    signal,
  }: TrialSetting,
): Promise<Load> {
  // Its journeys are not those of the stages.
  const options = {
    url,
    thinkMs: { min: 0, max: 0 },
    timeoutMs,
    seed: ~trialSeed(seed, trial.order) >>> 0,
  }
  const load = startClosed({ ...options, journey })
  try {
    load.openWindow()
    await load.apply({ users: WARM_UP_USERS })
    await clock.delay(startS * 1000, signal)
    await load.apply({ users: 0 })
    // Until all that was sent is answered.
    const window = await unlessAborted(load.closeWindow(), signal)
    trial.warmUpRequests = outcomesOf(window).succeeded
  } finally {
    await load.stop()
  }
  return load
}

/** ms. Long beside a tick of /proc/stat (10 ms), short beside a trial. */
const SETTLE_MS = 2_000

/**
 * The pause before a trial's load, for what the database's making and the arm's start left to be done;
 * in it nothing of the kit works, so what the machine does then is somebody else's.
 *
 * @throws AbortError when the signal comes
 */
export async function settle(clock: Clock, signal: AbortSignal): Promise<HostState> {
  const from = await readHostTicks('/proc/stat', ALLOWED_CORES)
  await clock.delay(SETTLE_MS, signal)
  const to = await readHostTicks('/proc/stat', ALLOWED_CORES)
  return {
    busyRatio: busyRatio(from, to),
    yardstickBeforeMs: clock.yardstickMs(),
    yardstickAfterMs: null,
  }
}
