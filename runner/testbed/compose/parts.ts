import type { PartEnvironment } from '../../measurement/environment.ts'
import { type Arm, DEFAULT_DATABASE } from '../../plan/arms.ts'
import { cpuLimits } from '../../telemetry/containers.ts'
import type {
  ContainerDetails,
  ContainerSummary,
  EngineWindow,
} from '../../telemetry/engine-window.ts'

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
