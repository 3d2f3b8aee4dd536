import { posix } from 'node:path'
import { parseAllDocuments, Scalar, type YAMLSeq } from 'yaml'

/** A service of a compose file, as far as the kit looks at it. */
export type Service = Readonly<{
  labels?: Readonly<Record<string, string>>
  environment?: Readonly<Record<string, string | number | null>>
  profiles?: readonly string[]
  /** What it may use, as it is written: figures, or what Compose fills in. */
  limits?: WrittenLimits
  /** Where it is written, from the folder of the first file. */
  file?: string
}>

const LIMITS = ['cpus', 'cpu_quota', 'cpu_period', 'mem_limit', 'pids_limit'] as const
export type WrittenLimits = Readonly<Partial<Record<(typeof LIMITS)[number], string | number>>>

type WrittenService = Service &
  WrittenLimits &
  Readonly<{ extends?: Readonly<{ file?: string; service: string }> }>
type Include = string | Readonly<{ path: string | readonly string[] }>
type Document = Readonly<{
  include?: readonly Include[]
  services?: Readonly<Record<string, WrittenService>>
}>

/** Text of a file, by its path from the folder of the first. @throws if there is none */
export type ReadText = (path: string) => string

const OVERRIDE = '!override'

/**
 * The services of a compose file in the order in which they are written, with those of the files that it
 * includes, each with what it extends. It knows what the kit's own files use: merge keys, several documents,
 * `include`, `extends` and `!override` of profiles (Compose file reference, chapters Include, Extend, Merge).
 *
 * @param read null: the files that are included are not looked at
 */
export function composeServices(
  composeYaml: string,
  read: ReadText | null = null,
): Map<string, Service> {
  const services = new Map<string, Service>()
  const documents = documentsOf(composeYaml)
  const open = read && parsedOnce(read)
  const add = (path: string, document: Document): void => {
    for (const [name, service] of Object.entries(document.services ?? {})) {
      const known = services.get(name)
      const own = withLimits(service)
      const whole = open === null ? own : extended(own, path, document, open)
      services.set(name, known === undefined ? { ...whole, file: path } : merged(known, whole))
    }
  }
  for (const document of documents) {
    add('compose.yaml', document)
    for (const path of (document.include ?? []).flatMap(pathsOf)) {
      for (const included of open?.(path) ?? []) add(path, included)
    }
  }
  return services
}

/** The documents of a file, by its path. Many services extend one of the same file, and to parse it is dear. */
type OpenFile = (path: string) => readonly Document[]

function parsedOnce(read: ReadText): OpenFile {
  const files = new Map<string, readonly Document[]>()
  return (path) => {
    const documents = files.get(path) ?? documentsOf(read(path))
    files.set(path, documents)
    return documents
  }
}

function pathsOf(include: Include): readonly string[] {
  return typeof include === 'string' ? [include] : [include.path].flat()
}

function extended(
  service: WrittenService,
  path: string,
  document: Document,
  open: OpenFile,
): Service {
  if (service.extends === undefined) return service
  const { file, service: name } = service.extends
  const at = file === undefined ? path : posix.join(posix.dirname(path), file)
  const documents = file === undefined ? [document] : open(at)
  for (const each of documents) {
    const base = each.services?.[name]
    if (base !== undefined) return merged(extended(withLimits(base), at, each, open), service)
  }
  throw new Error(`${path} extends the service ${name}, which ${at} has not.`)
}

function withLimits(service: WrittenService): WrittenService {
  const written = LIMITS.flatMap((name) => {
    const value = service[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...service, limits: Object.fromEntries(written) }
}

function merged(base: Service, own: Service): Service {
  const [first, ...rest] = own.profiles ?? []
  const profiles =
    first === OVERRIDE ? rest : [...new Set([...(base.profiles ?? []), ...(own.profiles ?? [])])]
  return {
    labels: { ...base.labels, ...own.labels },
    environment: { ...base.environment, ...own.environment },
    limits: { ...base.limits, ...own.limits },
    profiles,
    ...(base.file !== undefined && { file: base.file }),
  }
}

/** The documents of a compose file, merge keys followed. @throws for what is no YAML */
function documentsOf(text: string): Document[] {
  const parsed = parseAllDocuments(text, { merge: true, customTags: [override] })
  if (!Array.isArray(parsed)) return []
  return parsed.map((document) => {
    const [error] = document.errors
    if (error !== undefined) throw error
    return document.toJS() as Document
  })
}

/** A list that takes the place of the one it is merged with: known by its first item. */
const override = {
  tag: OVERRIDE,
  collection: 'seq' as const,
  resolve: (list: YAMLSeq): YAMLSeq => {
    list.items.unshift(new Scalar(OVERRIDE))
    return list
  },
}
