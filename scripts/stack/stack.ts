import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { parseAllDocuments, stringify } from 'yaml'
import {
  type ComposeService,
  type ConfigFile,
  isArm,
  serviceOfStack,
  type StackService,
  type Surroundings,
} from './service.ts'

type Named = Readonly<Record<string, unknown>>

export type Compose = Readonly<{
  services: Readonly<Record<string, ComposeService>>
  networks: Named
  volumes: Named
}>

export type Stack = Readonly<{
  services: Readonly<Record<string, StackService>>
  networks: Readonly<Record<string, unknown>>
  volumes: Readonly<Record<string, unknown>>
  secrets: Readonly<Record<string, unknown>>
  configs: Readonly<Record<string, unknown>>
}>

/** compose.yaml with the files that it includes, its anchors merged, its variables as they stand. */
export async function readCompose(kit: string, file = 'compose.yaml'): Promise<Compose> {
  // The second document includes the groups of arms that differ in one factor, which the stack has not.
  const [document] = parseAllDocuments(await readFile(join(kit, file), 'utf8'), { merge: true })
  const own = (document?.toJS() ?? {}) as Partial<Compose> &
    Readonly<{ include?: readonly unknown[] }>
  const included = await Promise.all(
    (own.include ?? []).flatMap(pathsOf).map((path) => readCompose(kit, join(dirname(file), path))),
  )
  const all = [...included, own]
  return {
    services: Object.assign({}, ...all.map(({ services }) => services ?? {})),
    networks: Object.assign({}, ...all.map(({ networks }) => networks ?? {})),
    volumes: Object.assign({}, ...all.map(({ volumes }) => volumes ?? {})),
  }
}

const pathsOf = (item: unknown): string[] => {
  if (typeof item === 'string') return [item]
  const { path } = item as Readonly<{ path: string | readonly string[] }>
  return [path].flat()
}

/**
 * The same services for a Swarm of three hosts. What is left out, and why, is beside it.
 *
 * @throws naming a key that no stack has and that this does not know how to put
 */
export async function stackOf(
  compose: Compose,
  kit: string,
): Promise<Readonly<{ stack: Stack; leftOut: ReadonlyMap<string, string> }>> {
  const leftOut = servicesLeftOut(compose)
  const secretVolumes = volumesOfSecrets(compose)
  const configs = new Map<string, ConfigFile>()
  const surroundings: Surroundings = {
    secretVolumes,
    volumes: new Set(Object.keys(compose.volumes)),
    networksOf: (names) => names.filter((name) => isInternal(compose.networks[name])),
    async configsOf(folder, target) {
      const files = await configFiles(kit, folder, target)
      for (const file of files) configs.set(file.key, file)
      return files
    },
  }
  const services: Record<string, StackService> = {}
  for (const [name, service] of Object.entries(compose.services)) {
    if (!leftOut.has(name)) services[name] = await serviceOfStack(name, service, surroundings)
  }
  const all = Object.values(services)
  const used = <T>(of: (service: StackService) => readonly T[] | undefined): Set<T> =>
    new Set(all.flatMap((service) => of(service) ?? []))
  const volumes = used(({ volumes: mounts = [] }) =>
    mounts.flatMap((mount) => (mount.type === 'volume' ? [mount.source ?? ''] : [])),
  )
  const secrets = used(({ secrets: given }) => given?.map(({ source }) => source))
  const networks = used(({ networks: given }) => given)
  return {
    leftOut,
    stack: {
      services,
      // No port is published, so no network need lead out.
      networks: mapped(networks, () => ({ driver: 'overlay', internal: true })),
      volumes: mapped(volumes, () => ({})),
      secrets: mapped(secrets, (name) => ({
        external: true,
        name: `\${STACK:-samehost}-${name}`,
      })),
      configs: mapped(new Set(configs.keys()), (key) => {
        const { name, file } = configs.get(key) ?? { name: '', file: '' }
        return { name: `\${STACK:-samehost}-${name}`, file }
      }),
    },
  }
}

/** A network that compose.yaml does not have is one of the stack's own. */
const isInternal = (network: unknown): boolean =>
  network === undefined ||
  Object.entries(network ?? {}).some(([key, value]) => key === 'internal' && value === true)

const mapped = (keys: ReadonlySet<string>, of: (key: string) => unknown): Record<string, unknown> =>
  Object.fromEntries([...keys].map((key) => [key, of(key)]))

function servicesLeftOut({ services }: Compose): ReadonlyMap<string, string> {
  const leftOut = new Map<string, string>()
  const fillers = new Set(volumesOfSecrets({ services, networks: {}, volumes: {} }).values())
  for (const [name, service] of Object.entries(services)) {
    if (fillers.has(name)) leftOut.set(name, 'what it writes is a secret of the Swarm')
    else if (service['profiles'] !== undefined && !isArm(service)) {
      leftOut.set(name, 'neither an arm nor always there')
    }
  }
  // What needs a service that is left out for good cannot work either.
  for (const [name, service] of Object.entries(services)) {
    const missing = Object.entries(dependencies(service)).find(
      ([other, { required = true }]) => required && !fillers.has(other) && leftOut.has(other),
    )
    if (missing !== undefined && !leftOut.has(name)) leftOut.set(name, `it needs ${missing[0]}`)
  }
  return leftOut
}

type Dependencies = Readonly<Record<string, Readonly<{ condition?: string; required?: boolean }>>>

function dependencies(service: ComposeService): Dependencies {
  const given = service['depends_on'] ?? {}
  return Array.isArray(given)
    ? Object.fromEntries(given.map((name: string) => [name, {}]))
    : (given as Dependencies)
}

/** A volume of secrets is filled by a service without a network that ends before others begin. */
function volumesOfSecrets({ services }: Compose): ReadonlyMap<string, string> {
  const awaited = new Set(
    Object.values(services).flatMap((service) =>
      Object.entries(dependencies(service))
        .filter(([, { condition }]) => condition === 'service_completed_successfully')
        .map(([name]) => name),
    ),
  )
  const found = new Map<string, string>()
  for (const name of awaited) {
    const { network_mode: network, volumes = [] } = services[name] ?? {}
    if (network !== 'none' || !Array.isArray(volumes)) continue
    for (const volume of volumes) found.set(String(volume).split(':')[0] ?? '', name)
  }
  return found
}

/** Every file of a folder of the kit. A config never changes, so its name tells its content. */
async function configFiles(kit: string, folder: string, target: string): Promise<ConfigFile[]> {
  const entries = await readdir(join(kit, folder), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const all = await Promise.all(
    files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      const inside = path.slice(join(kit, folder).length).replace(/^\//, '')
      const hash = createHash('sha256')
        .update(await readFile(path))
        .digest('hex')
        .slice(0, 12)
      const key = [target.split('/').at(-1), ...inside.split('/')].join('-')
      return {
        key,
        name: `${key}-${hash}`,
        file: `${folder}/${inside}`,
        target: `${target}/${inside}`,
      }
    }),
  )
  return all.toSorted((left, right) => left.key.localeCompare(right.key))
}

function stackText(stack: Stack, leftOut: ReadonlyMap<string, string>): string {
  const lines = [
    'Made from compose.yaml by `npm run stack`: change that file, then run it. How to deploy this:',
    'docs/three-hosts.md.',
    '',
    'What a stack cannot say is put otherwise: limits under `deploy`, roles as labels of nodes, networks',
    'as overlays (all internal: no port is published), files of the kit as configs, password and token as',
    'secrets, tmpfs and shm_size as mounts. What it has no words for at all: no-new-privileges,',
    'memswap_limit (switch swap off on the hosts), cpu_shares (the load has its host for itself) and',
    'cpu_period (a CPU limit is given out in periods of 100 ms).',
    '',
    'Not here:',
    ...[...leftOut].map(([name, why]) => `  ${name}: ${why}`),
  ]
  const head = lines.map((line) => `# ${line}`.trimEnd()).join('\n')
  const body = stringify(stack, { aliasDuplicateObjects: false, lineWidth: 100 })
  return `${head}\n${body}`
}

/** stack.yaml as it must be. @param kit the root of the kit */
export async function stackFile(kit: string): Promise<string> {
  const { stack, leftOut } = await stackOf(await readCompose(kit), kit)
  const style = await resolveConfig(join(kit, 'stack.yaml'))
  return await format(stackText(stack, leftOut), { ...style, parser: 'yaml' })
}
