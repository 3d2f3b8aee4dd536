import { setTimeout } from 'node:timers/promises'
import { type Every, everyOnTimer } from '../telemetry/sampler.ts'
import { yardstickMs } from '../telemetry/yardstick.ts'

/** Time, as the loop of an experiment sees it: a test gives a clock that does not wait. */
export type Clock = Readonly<{
  /** ms since any moment, on a clock that never goes back. */
  nowMs(): number
  /** @throws AbortError when the signal comes */
  delay(ms: number, signal: AbortSignal): Promise<void>
  every: Every
  /** ms of CPU time. How long a fixed piece of work takes the machine now. */
  yardstickMs(): number
}>

/** The clock of this machine. */
export const CLOCK: Clock = {
  nowMs: () => performance.now(),
  delay: (ms, signal) => setTimeout(ms, undefined, { signal }),
  every: everyOnTimer,
  yardstickMs: () => yardstickMs(),
}
