import { printableLine } from '../../foreign/printable.ts'
import { readAnswer } from '../../foreign/read.ts'
import type { PartEnvironment } from '../../measurement/environment.ts'
import { type Arm, DEFAULT_DATABASE } from '../../plan/arms.ts'
import { cpuLimits, observeContainers } from '../../telemetry/containers.ts'
import type { CountedPart, Observer } from '../../telemetry/counters.ts'
import type {
  ContainerDetails,
  ContainerSummary,
  EngineWindow,
} from '../../telemetry/engine-window.ts'
import { readRunnerProcess } from '../../telemetry/processes.ts'
import { serverVersion } from '../ready.ts'
import type { TestDatabase } from '../testbed.ts'
import type { Containers } from './containers.ts'

const STAND_IN_LABEL = 'org.samehost.stand-in'

/**
 * What really runs in the containers of a run, and how many cores the limits of those under load at the
 * same time add up to: one arm, what is between it and its database, that, Nginx and the runner.
 *
 * @param versions what each says of itself, by Compose service
 */
export async function containerParts(
  engine: EngineWindow,
  containers: readonly ContainerSummary[],
  arms: readonly Arm[],
  versions: Readonly<Record<string, string | null>>,
): Promise<{ parts: PartEnvironment[]; limitCores: number | null }> {
  const databases = new Set(arms.map(({ database = DEFAULT_DATABASE }) => database))
  const between = new Set(arms.flatMap(({ through }) => through ?? []))
  const wanted = [
    ...arms.map(({ name }) => ['app', name] as const),
    ...[...databases].map((name) => ['db', name] as const),
    ...[...between].map((name) => ['between', name] as const),
    ['nginx', 'nginx'] as const,
    ['runner', 'bench'] as const,
  ]
  const parts: PartEnvironment[] = []
  for (const [part, service] of wanted) {
    const container = containers.find(
      ({ Labels, State }) =>
        Labels['com.docker.compose.service'] === service && State === 'running',
    )
    if (container === undefined) continue
    const [details, digests] = await Promise.all([
      engine.inspect(container.Id),
      engine.digests(container.ImageID),
    ])
    parts.push({
      ...describe(part, service, container, details),
      version: versions[service] ?? null,
      digest: digests[0] ?? null,
    })
  }
  const most = (part: string): number =>
    Math.max(0, ...parts.filter((row) => row.part === part).map((row) => row.cpuLimitCores ?? 0))
  const limitCores = most('app') + most('between') + most('db') + most('nginx') + most('runner')
  return { parts, limitCores: limitCores > 0 ? limitCores : null }
}

function describe(
  part: string,
  service: string,
  container: ContainerSummary,
  { HostConfig }: ContainerDetails,
): Omit<PartEnvironment, 'version' | 'digest'> {
  return {
    part,
    name: service,
    image: container.Image,
    imageId: container.ImageID,
    standIn: container.Labels[STAND_IN_LABEL] === 'true',
    cpuLimitCores: cpuLimits(HostConfig)?.cores ?? null,
    memoryLimitMb: HostConfig.Memory > 0 ? HostConfig.Memory / 1e6 : null,
  }
}

/** Counters of the parts of an arm; without the window those of the runner alone. */
export function observeParts(
  engine: EngineWindow | null,
  containers: Containers | null,
  arm: Arm,
): Observer {
  if (engine === null || containers === null) {
    return { read: () => Promise.resolve({ runner: readRunnerProcess() }) }
  }
  const services: Partial<Record<CountedPart, string>> = {
    app: arm.name,
    db: arm.database ?? DEFAULT_DATABASE,
    nginx: 'nginx',
    window: 'stats-window',
  }
  const ids = Object.entries(services).flatMap(([part, service]) => {
    const id = containers.idOf(service)
    return id === undefined ? [] : [[part, id] as const]
  })
  return observeContainers(engine, Object.fromEntries(ids))
}

/** What each database says of itself, by its Compose service. */
export async function versionsOf(
  databases: Iterable<readonly [string, TestDatabase]>,
): Promise<Record<string, string>> {
  const versions: Record<string, string> = {}
  for (const [name, { adminUrl }] of databases) versions[name] = await serverVersion(adminUrl)
  return versions
}

/** The front door's health answer is its version: `nginx/1.27.0`. */
export async function nginxVersion(frontDoor: string): Promise<string | null> {
  const answer = await readAnswer(`${frontDoor}/healthz`, { maxBytes: 1024 }).catch(() => null)
  return answer?.status === 200 ? printableLine(answer.text).trim() : null
}
