import type { Counters, Moment, Observer } from './counters.ts'

export type Sampler = Readonly<{
  /** Ends the sampling with one last reading; all readings in order of time. Again: the same ones. */
  stop(): Promise<Counters[]>
}>

const INTERVAL_MS = 1_000

/** Calls `work` every so many ms. @returns what ends it */
export type Every = (ms: number, work: () => void) => () => void

export const everyOnTimer: Every = (ms, work) => {
  const timer = setInterval(work, ms)
  // Whoever forgets to end it: a timer alone keeps no process alive.
  timer.unref()
  return () => clearInterval(timer)
}

/**
 * Reads the counters now and then each second until stopped. A reading that takes longer than a second
 * leaves the next ones out rather than pile up behind it.
 *
 * @param onReading called with each reading and the one before it
 */
export async function startSampler(
  observer: Observer,
  onReading: (reading: Counters, before: Counters) => void = () => {},
  every: Every = everyOnTimer,
): Promise<Sampler> {
  const readings = [await observer.read()]
  let busy: Promise<void> | null = null
  let stopped: Promise<Counters[]> | null = null
  const take = async (moment: Moment): Promise<void> => {
    const reading = await observer.read(moment)
    onReading(reading, readings.at(-1) ?? reading)
    readings.push(reading)
  }
  const end = every(INTERVAL_MS, () => {
    // A reading that fails is left out: the next one comes in a second.
    busy ??= take('within')
      .catch(() => {})
      .finally(() => {
        busy = null
      })
  })
  const stop = async (): Promise<Counters[]> => {
    end()
    await busy
    await take('edge').catch(() => {})
    return readings
  }
  return { stop: () => (stopped ??= stop()) }
}
