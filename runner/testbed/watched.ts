import type { HostEnvironment, PartEnvironment } from '../measurement/environment.ts'
import type { RoundTrip } from '../measurement/trial.ts'
import { cpuLimits } from '../telemetry/containers.ts'
import type { HostWindow, Watched } from '../telemetry/host-window.ts'

/** A part, where it runs, and what it says of itself. */
export type WatchedPart = Watched & Readonly<{ part: string; host: string; version: string | null }>

/** What really runs in the containers of other hosts. */
export async function partsOf(watched: readonly WatchedPart[]): Promise<PartEnvironment[]> {
  return await Promise.all(
    watched.map(async ({ window, container, part, host, version }) => {
      const [reading, all] = await Promise.all([window.read(container), window.containers()])
      const found = all.find(({ name }) => name === container)
      return {
        part,
        name: container,
        host,
        version,
        image: found?.Image ?? null,
        imageId: found?.ImageID ?? null,
        digest: reading.digests[0] ?? null,
        standIn: found?.standIn ?? false,
        cpuLimitCores: cpuLimits(reading.HostConfig)?.cores ?? null,
        memoryLimitMb: reading.HostConfig.Memory > 0 ? reading.HostConfig.Memory / 1e6 : null,
      }
    }),
  )
}

/** The hosts, by the name that each part's figures give. */
export async function hostsOf(
  windows: ReadonlyMap<string, HostWindow>,
): Promise<HostEnvironment[]> {
  return await Promise.all(
    [...windows].map(async ([name, window]) => {
      const { isVirtual: virtualMachine, ...facts } = await window.facts()
      return { name, ...facts, virtualMachine, workUs: await window.workUs() }
    }),
  )
}

type Way = Readonly<{ from: string; to: string }>

/**
 * From the runner to every host, and on the ways between other hosts; a host whose window does not answer now
 * has none.
 */
export async function roundTripsTo(
  windows: ReadonlyMap<string, HostWindow>,
  between: readonly Way[] = [],
): Promise<Omit<RoundTrip, 'afterMs'>[]> {
  const found: Omit<RoundTrip, 'afterMs'>[] = []
  for (const [host, window] of windows) {
    // One after another: each would be in the other's way.
    const beforeMs = await window.roundTripMs().catch(() => null)
    found.push({ host, beforeMs })
  }
  for (const { from, to } of between) {
    const [window, other] = [windows.get(from), windows.get(to)]
    if (window === undefined || other === undefined) continue
    const { hostname } = new URL(other.url)
    found.push({ host: to, from, beforeMs: await window.roundTripToMs(hostname).catch(() => null) })
  }
  return found
}

/** Why a part can answer no more; null while it runs, or while its window does not tell. */
export async function endOfWatched({ window, container }: Watched): Promise<string | null> {
  const reading = await window.read(container).catch(() => null)
  if (reading === null || ['running', 'paused'].includes(reading.State.Status)) return null
  const { OOMKilled: outOfMemory, Status: status } = reading.State
  const how = outOfMemory ? 'killed because it reached its memory limit' : status
  const host = new URL(window.url).hostname
  return `its container is ${how}. See \`docker logs ${container}\` on the host of the window ${host}.`
}
