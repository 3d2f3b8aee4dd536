import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

/** ms. 20 looks a second: enough for a p99 of a window, and cheap beside 120 requests/s. */
const RESOLUTION_MS = 50

/** ms since the start; both 0 before the first look. */
type Delay = Readonly<{ p99Ms: number; maxMs: number }>

export type DelayMeter = Readonly<{
  /** Ends the measurement. */
  stop(): Delay
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
      if (histogram.count === 0) return { p99Ms: 0, maxMs: 0 }
      const overMs = (ns: number): number => Math.max(0, ns / 1e6 - RESOLUTION_MS)
      return { p99Ms: overMs(histogram.percentile(99)), maxMs: overMs(histogram.max) }
    },
  }
}

/** ms. The same p99 while nothing runs: the baseline. Takes `durationMs`. */
export async function measureIdleDelay(durationMs = 1000): Promise<number> {
  const meter = startDelayMeter()
  await sleep(durationMs)
  return meter.stop().p99Ms
}
