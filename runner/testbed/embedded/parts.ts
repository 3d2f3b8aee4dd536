import type { PartEnvironment } from '../../measurement/environment.ts'
import { serverVersion } from '../ready.ts'
import type { HostLimits } from '../testbed.ts'
import type { OwnCores } from './cores.ts'
import type { StartedPostgres } from './postgres.ts'

type Limits = HostLimits | null | undefined

/** What really runs: the arms, the database and the runner, each a process. @param limits of each arm */
export async function processParts(
  armNames: readonly string[],
  limits: readonly Limits[],
  { url }: Pick<StartedPostgres, 'url'>,
  db: Limits,
): Promise<PartEnvironment[]> {
  return [
    ...armNames.map((name, at) => processPart('app', name, null, limits[at])),
    processPart('db', 'postgres', await serverVersion(url), db),
    processPart('runner', 'node', `node ${process.versions.node}`),
  ]
}

/** Cores of those under load at the same time: one arm, the database and the runner; null without limits. */
export function limitCores(
  limits: readonly Limits[],
  db: Limits,
  cores: OwnCores | null,
): number | null {
  const most = Math.max(...limits.map((own) => own?.cores ?? 0))
  return most > 0 && db ? most + db.cores + (cores?.instrument.length ?? 1) : null
}

function processPart(
  part: string,
  name: string,
  version: string | null,
  limits: Limits = null,
): PartEnvironment {
  const none = { image: null, imageId: null, digest: null, memoryLimitMb: null }
  return { part, name, version, standIn: false, ...none, cpuLimitCores: limits?.cores ?? null }
}
