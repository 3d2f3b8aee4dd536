import type { Second } from '../measurement/figures.ts'

type Sums = { requests: number; failed: number; durationMs: number }

const empty = (): Sums => ({ requests: 0, failed: 0, durationMs: 0 })

/** Outcomes by the second, since `openedAtMs`, in which their request was sent. */
export function createSeconds(openedAtMs: number) {
  const sums: Sums[] = []

  function at(sentAtMs: number): Sums {
    const index = Math.max(0, Math.floor((sentAtMs - openedAtMs) / 1000))
    while (sums.length < index) sums.push(empty())
    return (sums[index] ??= empty())
  }

  return {
    succeeded(sentAtMs: number, durationMs: number): void {
      const second = at(sentAtMs)
      second.requests += 1
      second.durationMs += durationMs
    },
    failed(sentAtMs: number): void {
      at(sentAtMs).failed += 1
    },
    /** From the first second to the last in which something was sent, the empty ones included. */
    rows: (): Second[] =>
      sums.map(({ requests, failed, durationMs }, atS) => ({
        atS,
        requests,
        failed,
        meanMs: requests === 0 ? null : durationMs / requests,
      })),
  }
}
