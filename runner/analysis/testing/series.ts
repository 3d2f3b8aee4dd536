import type { Random } from '../random.ts'

/** A standard normal random number (Box and Muller, 1958). */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()))
  return radius * Math.cos(2 * Math.PI * random.uniform())
}

/** A steady first-order autoregressive series around 0 with innovations of variance 1. */
export function correlated(length: number, correlation: number, random: Random): number[] {
  let value = normal(random) / Math.sqrt(1 - correlation ** 2)
  return Array.from({ length }, () => {
    value = correlation * value + normal(random)
    return value
  })
}

/**
 * Mean latency of each second of a single queue with Poisson arrivals, by Lindley's recursion: latencies
 * that are correlated because each request waits for those before it. ms.
 */
export function queueSeconds(
  seconds: number,
  perS: number,
  serviceMs: number,
  random: Random,
): number[] {
  const exponential = (meanMs: number) => -meanMs * Math.log(1 - random.uniform())
  const warmUpMs = 5_000
  const bins: number[][] = Array.from({ length: seconds }, () => [])
  let waitMs = 0
  for (let atMs = 0; ;) {
    const bin = Math.floor((atMs - warmUpMs) / 1000)
    if (bin >= seconds) break
    const service = exponential(serviceMs)
    bins[bin]?.push(waitMs + service)
    const gap = exponential(1000 / perS)
    waitMs = Math.max(0, waitMs + service - gap)
    atMs += gap
  }
  return bins
    .filter((bin) => bin.length > 0)
    .map((bin) => bin.reduce((sum, latency) => sum + latency, 0) / bin.length)
}

/** Share of `runs` in which what is drawn holds, in percent. */
export function coverage(runs: number, holds: () => boolean): number {
  let held = 0
  for (let run = 0; run < runs; run += 1) if (holds()) held += 1
  return (100 * held) / runs
}
