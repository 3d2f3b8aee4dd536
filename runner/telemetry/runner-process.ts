import type { PartCounters } from './counters.ts'

/** This process, by its own counters: the same on every testbed, and exact. */
export function readRunnerProcess(): PartCounters {
  const { user, system } = process.cpuUsage()
  return {
    atMs: performance.now(),
    cpuUs: user + system,
    periods: null,
    throttledPeriods: null,
    memoryBytes: process.memoryUsage.rss(),
    memoryLimitBytes: null,
    networkRxBytes: null,
    networkTxBytes: null,
    restarts: 0,
    oomKills: 0,
  }
}
