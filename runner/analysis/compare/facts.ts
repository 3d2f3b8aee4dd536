import type { PartEnvironment } from '../../measurement/environment.ts'
import type { Run } from '../../measurement/run.ts'

/** What a run was asked to do and what it stands on, flat, each in words. */
export type Facts = Readonly<Record<string, string>>

const known = (value: string | number | null) => (value === null ? 'unknown' : String(value))
const span = ({ min, max }: { min: number; max: number }) =>
  min === max ? `${min} ms` : `${min} to ${max} ms`

/** What decides the stages themselves. */
export function configurationFacts({ configuration }: Pick<Run, 'configuration'>): Facts {
  const { profile, arms, users, warmUpS, holdS, timeoutMs, search } = configuration
  const { thinkMs, thinkSpread } = configuration
  return {
    profile,
    arms: arms.map(({ name }) => name).join(', '),
    threshold: `${configuration.thresholdMs} ms (${configuration.thresholdOn})`,
    'think time': span(thinkMs) + (thinkSpread === undefined ? '' : ` ± ${thinkSpread * 100} %`),
    ramp: users.join(', '),
    'warm-up': `${warmUpS} s`,
    window: `${holdS} s`,
    'time-out': `${timeoutMs} ms`,
    search: search ? 'yes' : 'no',
  }
}

export function environmentFacts({ environment }: Pick<Run, 'environment'>): Facts {
  const { testbed, label, host, engine, compose, node, limitCores, database, git } = environment
  return {
    testbed: `${testbed} (${label})`,
    commit: `${known(git.commit)}${git.dirty ? ', with changes' : ''}`,
    CPU: `${host.cores} × ${known(host.cpuModel)}`,
    memory: `${(host.memoryMb / 1000).toFixed(1)} GB`,
    kernel: `${host.platform} ${host.kernel}, cgroup ${known(host.cgroupVersion)}`,
    'virtual machine': known(host.virtualMachine),
    'CPU governor': known(host.cpuGovernor),
    engine: `${known(engine)}, Compose ${known(compose)}`,
    'Node.js': node,
    'sum of CPU limits': limitCores === null ? 'none' : `${limitCores} cores`,
    database: known(database.version),
    ...Object.fromEntries(
      Object.entries(database.settings).map(([name, value]) => [`database: ${name}`, value]),
    ),
    ...Object.fromEntries(environment.parts.map((part) => [partName(part), partFact(part)])),
  }
}

/** What each arm said of itself when it was opened. */
export function versionFacts({ trials }: Pick<Run, 'trials'>): Facts {
  const told = trials.map(({ arm, version }) => [`${arm} says`, known(version)] as const)
  return Object.fromEntries(told)
}

const partName = ({ part, name }: PartEnvironment) => `${part}: ${name}`

function partFact(part: PartEnvironment): string {
  const { version, image, imageId, digest, standIn, cpuLimitCores, memoryLimitMb } = part
  return [
    known(version),
    ...(image === null ? [] : [image]),
    ...((digest ?? imageId)
      ? [(digest ?? imageId ?? '').replace(/^.*(sha256:.{12}).*$/, '$1')]
      : []),
    ...(standIn ? ['made locally'] : []),
    cpuLimitCores === null ? 'no CPU limit' : `${cpuLimitCores} cores`,
    memoryLimitMb === null ? 'no memory limit' : `${Math.round(memoryLimitMb)} MB`,
  ].join(', ')
}
