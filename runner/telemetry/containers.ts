import {
  type CountedPart,
  type Counters,
  type Observer,
  type PartCounters,
  readMachine,
} from './counters.ts'
import type { ContainerDetails, ContainerStats, EngineWindow } from './engine-window.ts'
import { readRunnerProcess } from './processes.ts'

/**
 * The counters of containers, as the Docker Engine keeps them. Each second only what changes by the second
 * is asked for: every question costs the engine CPU time beside what is measured.
 *
 * @param ids container id of each part
 */
export function observeContainers(
  engine: EngineWindow,
  ids: Readonly<Partial<Record<CountedPart, string>>>,
): Observer {
  const known = new Map<string, ContainerDetails>()
  const detailsOf = async (id: string, isEdge: boolean): Promise<ContainerDetails> => {
    const details = isEdge ? undefined : known.get(id)
    if (details !== undefined) return details
    const now = await engine.inspect(id)
    known.set(id, now)
    return now
  }
  return {
    read: async (moment = 'edge') => {
      const isEdge = moment === 'edge'
      // What the window itself uses is known from the ends.
      const parts = Object.entries(ids).filter(([part]) => isEdge || part !== 'window')
      const startedMs = performance.now()
      const [stats, details, machine] = await Promise.all([
        engine.stats(parts.map(([, id]) => id)).catch(() => null),
        Promise.all(parts.map(([, id]) => detailsOf(id, isEdge).catch(() => null))),
        readMachine(),
      ])
      const atMs = (startedMs + performance.now()) / 2
      const counters = parts.flatMap(([part, id], at) => {
        const [own, detail] = [stats?.[id], details[at]]
        return own && detail ? [[part, partCounters(own, detail, atMs)] as const] : []
      })
      const found: Counters = {
        ...Object.fromEntries(counters),
        ...machine,
        runner: readRunnerProcess(),
      }
      return found
    },
  }
}

export function partCounters(
  stats: ContainerStats,
  details: ContainerDetails,
  atMs: number,
): PartCounters {
  const { Memory } = details.HostConfig
  const cpuLimit = cpuLimits(details.HostConfig)
  const limited = cpuLimit !== null
  const { periods, throttled_periods: throttled } = stats.cpu_stats.throttling_data
  const networks = Object.values(stats.networks ?? {})
  return {
    atMs,
    cpuUs: stats.cpu_stats.cpu_usage.total_usage / 1000,
    cpuLimit,
    periods: limited ? periods : null,
    throttledPeriods: limited ? throttled : null,
    memoryBytes: usedBytes(stats.memory_stats),
    memoryLimitBytes: Memory > 0 ? Memory : null,
    networkRxBytes: networks.reduce((sum, network) => sum + network.rx_bytes, 0),
    networkTxBytes: networks.reduce((sum, network) => sum + network.tx_bytes, 0),
    restarts: details.RestartCount,
    oomKills: details.State.OOMKilled ? 1 : 0,
  }
}

/** The kernel's period where none is given, as for `cpus` of Compose, which arrives as NanoCpus. */
const DEFAULT_PERIOD_US = 100_000

/** @returns null without a limit */
export function cpuLimits({
  NanoCpus,
  CpuQuota = 0,
  CpuPeriod = 0,
}: ContainerDetails['HostConfig']): NonNullable<PartCounters['cpuLimit']> | null {
  if (NanoCpus > 0) return { cores: NanoCpus / 1e9, periodUs: DEFAULT_PERIOD_US }
  const periodUs = CpuPeriod || DEFAULT_PERIOD_US
  return CpuQuota > 0 ? { cores: CpuQuota / periodUs, periodUs } : null
}

/**
 * Memory without the file cache that the kernel can drop, as `docker stats` shows it:
 * `inactive_file` on cgroup v2, `total_inactive_file` on v1.
 */
function usedBytes({ usage = 0, stats = {} }: ContainerStats['memory_stats']): number {
  const cache = stats['total_inactive_file'] ?? stats['inactive_file'] ?? 0
  return Math.max(0, usage - cache)
}
