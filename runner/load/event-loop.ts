import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

/** ms. 20 looks a second: enough for a p99 of a window, and cheap beside 120 requests/s. */
const RESOLUTION_MS = 50

export type DelayMeter = Readonly<{
  /** ms. p99 of the delay since the start; 0 before the first look. Ends the measurement. */
  stop(): number
}>

/**
 * Delay of the event loop: how much later than asked a timer fires.
 * `monitorEventLoopDelay` reports the whole distance between two looks, so the resolution is taken off.
 */
export function startDelayMeter(): DelayMeter {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return {
    stop() {
      histogram.disable()
      if (histogram.count === 0) return 0
      return Math.max(0, histogram.percentile(99) / 1e6 - RESOLUTION_MS)
    },
  }
}

/** ms. The same p99 while nothing runs: the baseline. Takes `durationMs`. */
export async function measureIdleDelay(durationMs = 1000): Promise<number> {
  const meter = startDelayMeter()
  await sleep(durationMs)
  return meter.stop()
}
