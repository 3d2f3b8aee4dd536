/** A service of compose.yaml: what it holds is checked key by key where it is used. */
export type ComposeService = Readonly<Record<string, unknown>>

/** A file of the kit that containers read: a config of the Swarm, whose content never changes. */
export type ConfigFile = Readonly<{ name: string; key: string; file: string; target: string }>

/** The parts of the Swarm that a service may refer to. */
export type Surroundings = Readonly<{
  /** Volumes that hold secrets, each with the service that fills it. */
  secretVolumes: ReadonlyMap<string, string>
  volumes: ReadonlySet<string>
  /** Without those that are there for ports, which a stack publishes none of. */
  networksOf(names: readonly string[]): readonly string[]
  configsOf(folder: string, target: string): Promise<readonly ConfigFile[]>
}>

type Mount = Readonly<{
  type: 'volume' | 'bind' | 'tmpfs'
  source?: string
  target: string
  read_only?: true
  tmpfs?: Readonly<{ size: number }>
}>

export type StackService = Readonly<Record<string, unknown>> &
  Readonly<{
    networks?: readonly string[]
    volumes?: readonly Mount[]
    secrets?: readonly Readonly<{ source: string; target: string }>[]
    configs?: readonly unknown[]
    deploy: Readonly<Record<string, unknown>>
  }>

/** Where the parts live that no label tells of. */
const ROLES: Readonly<Record<string, string>> = { nginx: 'app', bench: 'load' }
const ROLE_LABEL = 'org.samehost.role'
const DATABASE_LABEL = 'org.samehost.database'
/** One on every host: a manager cannot read the containers of other nodes. */
const EVERYWHERE = new Set(['stats-window'])
/** Started by hand, once for each run. */
const ON_DEMAND = new Set(['bench'])

const WINDOW_PORT = 9323

/**
 * What is another thing in a Swarm. The runner reaches a socket on its own host alone, so each host has the
 * read-only window of nginx/host-window, on a network that only the runner shares.
 */
const ADAPTED: Readonly<Record<string, (service: ComposeService) => ComposeService>> = {
  'stats-window': (service) => ({
    ...Object.fromEntries(Object.entries(service).filter(([key]) => key !== 'network_mode')),
    networks: ['window'],
    command: ['nginx', '-c', '/host-window/nginx.conf', '-g', 'daemon off;'],
    environment: { ...environmentOf(service), WINDOW_STACK: '${STACK:-samehost}' },
    volumes: listOf(service['volumes']).filter((volume) => text(volume).includes('docker.sock')),
    healthcheck: {
      ...(service['healthcheck'] as object),
      test: ['CMD', 'curl', '-fsS', `http://127.0.0.1:${WINDOW_PORT}/healthz`],
    },
  }),
  bench: (service) => ({
    ...service,
    networks: [...namesOf(service['networks']), 'window'],
    environment: {
      // No port is published.
      ...without('SAMEHOST_PORT', environmentOf(service)),
      SAMEHOST_TESTBED: 'swarm',
      STATS_WINDOW: `http://tasks.stats-window:${WINDOW_PORT}`,
    },
    volumes: listOf(service['volumes']).filter((volume) => !text(volume).includes('/run/window')),
  }),
}

const environmentOf = (service: ComposeService): Readonly<Record<string, unknown>> =>
  (service['environment'] ?? {}) as Readonly<Record<string, unknown>>

const without = (name: string, all: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(all).filter(([key]) => key !== name))

/** What a stack takes as it stands. */
const SAME = [
  'image',
  'init',
  'read_only',
  'cap_drop',
  'cap_add',
  'logging',
  'user',
  'entrypoint',
  'command',
  'environment',
  'labels',
  'healthcheck',
  'sysctls',
  'ulimits',
  'dns',
  'hostname',
  'stop_signal',
  'stop_grace_period',
  'extra_hosts',
] as const

/** What a stack has otherwise, here or in the deploying script, or not at all: see the head of stack.yaml. */
const OTHERWISE = new Set([
  'build',
  'profiles',
  'depends_on',
  'ports',
  'networks',
  'volumes',
  'tmpfs',
  'shm_size',
  'cpus',
  'cpu_period',
  'cpu_quota',
  'mem_limit',
  'memswap_limit',
  'cpu_shares',
  'pids_limit',
  'security_opt',
  'restart',
])

export async function serviceOfStack(
  name: string,
  given: ComposeService,
  surroundings: Surroundings,
): Promise<StackService> {
  const service = ADAPTED[name]?.(given) ?? given
  const unknown = Object.keys(service).filter(
    (key) => !OTHERWISE.has(key) && !SAME.some((same) => same === key),
  )
  if (unknown.length > 0) {
    throw new Error(
      `services.${name}.${unknown.join(', ')} of compose.yaml: say in scripts/stack/service.ts what a ` +
        'stack has in its place.',
    )
  }
  const { mounts, secretTargets, configs } = await mountsOf(service, surroundings)
  const secrets = secretTargets.flatMap((target) => secretsOf(service, target))
  return {
    ...Object.fromEntries(
      SAME.flatMap((key) => (service[key] === undefined ? [] : [[key, service[key]]])),
    ),
    ...(service['networks'] === undefined
      ? {}
      : { networks: surroundings.networksOf(namesOf(service['networks'])) }),
    ...(mounts.length > 0 ? { volumes: mounts } : {}),
    ...(secrets.length > 0 ? { secrets } : {}),
    ...(configs.length > 0
      ? { configs: configs.map(({ key, target }) => ({ source: key, target, mode: 0o555 })) }
      : {}),
    deploy: deployOf(name, service),
  }
}

const namesOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String) : Object.keys(value as object)

function deployOf(name: string, service: ComposeService): Record<string, unknown> {
  const cores = coresOf(service)
  const limits = {
    ...(cores === undefined ? {} : { cpus: cores }),
    ...(service['mem_limit'] === undefined ? {} : { memory: text(service['mem_limit']) }),
    ...(service['pids_limit'] === undefined ? {} : { pids: service['pids_limit'] }),
  }
  return {
    ...modeOf(name, service),
    // By which the deploying script knows the arms that are asked for.
    ...(isArm(service) ? { labels: { 'samehost.arm': profilesOf(name, service) } } : {}),
    // The virtual IP needs IPVS, which not every kernel has; and it would be one more step on the way.
    endpoint_mode: 'dnsrr',
    ...(EVERYWHERE.has(name)
      ? {}
      : { placement: { constraints: [`node.labels.samehost.role == ${roleOf(name, service)}`] } }),
    resources: { limits },
    // As Compose has it: what has ended stays ended, and is found so.
    restart_policy: { condition: CONDITIONS[text(service['restart'] ?? 'no')] ?? 'any' },
  }
}

/** What a stack calls the policies of `restart`; it cannot tell `unless-stopped` from `always`. */
const CONDITIONS: Readonly<Record<string, string>> = { no: 'none', 'on-failure': 'on-failure' }

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const profilesOf = (name: string, service: ComposeService): string =>
  [...new Set([name, ...listOf(service['profiles']).map(String)])].join(' ')

function modeOf(name: string, service: ComposeService): Record<string, unknown> {
  if (EVERYWHERE.has(name)) return { mode: 'global' }
  // The deploying scripts start the arms that are asked for, and each run.
  return { replicas: isArm(service) || ON_DEMAND.has(name) ? 0 : 1 }
}

/** A stack has cores alone, given out in periods of 100 ms; and it cannot calculate with a variable. */
function coresOf({ cpus, cpu_quota: quota, cpu_period: period }: ComposeService) {
  if (cpus !== undefined) return text(cpus)
  if (quota === undefined) return undefined
  const cores = Number(withDefaults(text(quota))) / Number(withDefaults(text(period ?? 100_000)))
  if (Number.isFinite(cores)) return String(cores)
  throw new Error(`A CPU limit of ${text(quota)} in ${text(period)} is no number.`)
}

/** `${NAME:-1000}0` as it is where the variable is not set. */
const withDefaults = (value: string): string =>
  value.replaceAll(/\$\{\w+:?-([^}]*)\}/g, (_, standard: string) => standard)

function roleOf(name: string, service: ComposeService): string {
  const labels = (service['labels'] ?? {}) as Readonly<Record<string, string>>
  const isDatabase = labels[DATABASE_LABEL] === 'true'
  const role = labels[ROLE_LABEL] ?? (isArm(service) ? 'app' : isDatabase ? 'db' : ROLES[name])
  if (role !== undefined) return role
  throw new Error(
    `services.${name} of compose.yaml has no host: give it the label ${ROLE_LABEL}: load, app or db; ` +
      'or a profile, if three hosts do without it.',
  )
}

type Mounted = Readonly<{
  mounts: readonly Mount[]
  /** Folders in which the service looks for secrets. */
  secretTargets: readonly string[]
  configs: readonly ConfigFile[]
}>

async function mountsOf(service: ComposeService, surroundings: Surroundings): Promise<Mounted> {
  const mounts: Mount[] = []
  const secretTargets: string[] = []
  const configs: ConfigFile[] = []
  for (const volume of listOf(service['volumes'])) {
    const { source, target, readOnly } = mountOf(volume)
    const access = readOnly ? ({ read_only: true } as const) : {}
    if (surroundings.secretVolumes.has(source)) secretTargets.push(target)
    else if (surroundings.volumes.has(source)) {
      mounts.push({ type: 'volume', source, target, ...access })
    } else if (readOnly && /^\.\/\w/.test(source)) {
      configs.push(...(await surroundings.configsOf(source, target)))
    } else mounts.push({ type: 'bind', source, target, ...access })
  }
  for (const item of listOf(service['tmpfs'])) {
    const [target = '', options] = String(item).split(':')
    const size = /(?:^|,)size=(\w+)/.exec(options ?? '')?.[1]
    mounts.push(tmpfs(target, size))
  }
  if (service['shm_size'] !== undefined) mounts.push(tmpfs('/dev/shm', text(service['shm_size'])))
  return { mounts, secretTargets, configs }
}

const listOf = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

const tmpfs = (target: string, size: string | undefined): Mount => ({
  type: 'tmpfs',
  target,
  ...(size === undefined ? {} : { tmpfs: { size: bytesOf(size) } }),
})

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }

function bytesOf(size: string): number {
  const [, number, unit = ''] = /^(\d+)([bkmg]?)b?$/i.exec(size) ?? []
  const factor = UNITS[unit.toLowerCase()]
  if (number === undefined || factor === undefined) throw new Error(`"${size}" is no size.`)
  return Number(number) * factor
}

/** The short form `SOURCE:TARGET[:ro]`, whose source may be a variable with a default of its own; or the long. */
function mountOf(volume: unknown): Readonly<{ source: string; target: string; readOnly: boolean }> {
  if (typeof volume === 'string') {
    const [, source = '', target = '', mode] =
      /^((?:\$\{[^}]*\}|[^:$])+):([^:]+)(?::(\w+))?$/.exec(volume) ?? []
    if (source === '') throw new Error(`"${volume}" is no volume.`)
    return { source, target, readOnly: mode === 'ro' }
  }
  const {
    source = '',
    target,
    read_only: readOnly = false,
  } = volume as Readonly<{
    source?: string
    target: string
    read_only?: boolean
  }>
  return { source, target, readOnly }
}

/** Every file below `target` that the service names in its environment or its command. */
function secretsOf(service: ComposeService, target: string) {
  const texts = JSON.stringify([service['environment'], service['command'], service['entrypoint']])
  const found = texts.matchAll(new RegExp(`${RegExp.escape(target)}/([\\w.-]+)`, 'g'))
  const names = new Set([...found].map(([, name = '']) => name))
  return [...names].map((source) => ({ source, target: `${target}/${source}` }))
}

/** Only arms may have profiles in a stack: there they are replicas, which the deploying script sets. */
export const isArm = (service: ComposeService): boolean =>
  Object.hasOwn(service['labels'] ?? {}, 'org.samehost.mode')
