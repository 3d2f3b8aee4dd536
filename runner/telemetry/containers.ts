import type { Part } from '../measurement/stage.ts'
import type { Counters, Observer, PartCounters } from './counters.ts'
import { readRunnerProcess } from './processes.ts'

/**
 * The counters of containers, as the Docker Engine keeps them.
 *
 * @param ids container id of each part
 */
export function observeContainers(
  engine: EngineWindow,
  ids: Readonly<Partial<Record<Part, string>>>,
): Observer {
  return {
    read: async () => {
      const parts = await Promise.all(
        Object.entries(ids).map(async ([part, id]) => {
          try {
            const startedMs = performance.now()
            const [stats, details] = await Promise.all([engine.stats(id), engine.inspect(id)])
            const atMs = (startedMs + performance.now()) / 2
            return [[part, partCounters(stats, details, atMs)] as const]
          } catch {
            return []
          }
        }),
      )
      const counters: Counters = {
        ...Object.fromEntries(parts.flat()),
        runner: readRunnerProcess(),
      }
      return counters
    },
  }
}

export function partCounters(
  stats: ContainerStats,
  details: ContainerDetails,
  atMs: number,
): PartCounters {
  const { NanoCpus, CpuQuota = 0, Memory } = details.HostConfig
  const limited = NanoCpus > 0 || CpuQuota > 0
  const { periods, throttled_periods: throttled } = stats.cpu_stats.throttling_data
  const networks = Object.values(stats.networks ?? {})
  return {
    atMs,
    cpuUs: stats.cpu_stats.cpu_usage.total_usage / 1000,
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

/**
 * Memory without the file cache that the kernel can drop, as `docker stats` shows it:
 * `inactive_file` on cgroup v2, `total_inactive_file` on v1.
 */
function usedBytes({ usage = 0, stats = {} }: ContainerStats['memory_stats']): number {
  const cache = stats['total_inactive_file'] ?? stats['inactive_file'] ?? 0
  return Math.max(0, usage - cache)
}

/**
 * The parts of the Docker Engine API that are read, through the read-only window on its socket.
 * Shapes: https://docs.docker.com/reference/api/engine/version/v1.41/ (Docker 20.10 and later).
 */
export type ContainerSummary = Readonly<{
  Id: string
  Image: string
  ImageID: string
  Labels: Readonly<Record<string, string>>
  State: string
}>

export type ContainerDetails = Readonly<{
  RestartCount: number
  State: Readonly<{ OOMKilled: boolean; StartedAt: string; Status: string }>
  HostConfig: Readonly<{ NanoCpus: number; Memory: number; CpuQuota?: number; CpuPeriod?: number }>
}>

export type ContainerStats = Readonly<{
  cpu_stats: Readonly<{
    cpu_usage: Readonly<{ total_usage: number }>
    throttling_data: Readonly<{ periods: number; throttled_periods: number }>
  }>
  memory_stats: Readonly<{
    usage?: number
    limit?: number
    stats?: Readonly<Record<string, number>>
  }>
  networks?: Readonly<Record<string, Readonly<{ rx_bytes: number; tx_bytes: number }>>>
}>

export type EngineWindow = Readonly<{
  /** `Docker/26.1.5 (linux)`: what the engine says of itself in every answer. */
  version: string
  containersOf(project: string): Promise<ContainerSummary[]>
  inspect(id: string): Promise<ContainerDetails>
  stats(id: string): Promise<ContainerStats>
  /** `name@sha256:…` under which a registry has the image; none of one that was built here. */
  digests(imageId: string): Promise<readonly string[]>
}>

/** @returns null, with the reason told to `warn`, where the window or the socket behind it cannot be had */
export async function openEngineWindow(
  url: string,
  warn: (reason: string) => void,
): Promise<EngineWindow | null> {
  const get = async (path: string): Promise<Response> => {
    const response = await fetch(url + path, { signal: AbortSignal.timeout(10_000) })
    if (response.ok) return response
    await response.body?.cancel()
    throw new Error(`GET ${path} on the stats window answered ${response.status}.`)
  }
  const json = async <T>(path: string): Promise<T> => (await (await get(path)).json()) as T
  const list = (project: string): string =>
    `/containers/json?filters=${encodeURIComponent(
      JSON.stringify({ label: [`com.docker.compose.project=${project}`] }),
    )}`
  try {
    const first = await get('/containers/json?limit=1')
    await first.body?.cancel()
    return {
      version: first.headers.get('x-engine') ?? first.headers.get('server') ?? 'unknown',
      containersOf: (project) => json(list(project)),
      inspect: (id) => json(`/containers/${id}/json`),
      digests: async (imageId) =>
        (await json<{ RepoDigests: readonly string[] | null }>(`/images/${imageId}/json`))
          .RepoDigests ?? [],
      // one-shot: without it the engine takes two readings a second apart (API 1.41).
      stats: (id) => json(`/containers/${id}/stats?stream=false&one-shot=true`),
    }
  } catch (error) {
    warn(error instanceof Error ? error.message : String(error))
    return null
  }
}
