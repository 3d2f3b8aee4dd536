import { faultOfName } from '../measurement/text.ts'
import type { Mode } from '../measurement/trial.ts'
import { composeServices, type ReadText } from './compose-files.ts'
import { type ArmLimits, limitsOf } from './levels.ts'

/** What was changed to make an arm out of another, and to what: an arm is judged by it, so it is data. */
type Factor = Readonly<{
  /** In words, with its unit: `pool size, connections`. */
  factor: string
  level: string
  /** Name of the arm that it was changed from. */
  from: string
}>

/**
 * One configuration under test. It is data: an entry of compose.yaml, or of a file that it includes, with
 * these labels. The runner knows no arm by name.
 */
export type Arm = Readonly<{
  /** Name of its Compose service, and of its way in behind the front door. */
  name: string
  /** What it promises about its connections; null for a target that promises nothing. */
  mode: Mode | null
  /** Its Node entry point, from the root of the kit; null if it can run in a container only. */
  entry: string | null
  /** As Compose gives it: all of it, where `$` stands for something that Compose fills in. */
  environment: Readonly<Record<string, string>>
  /** What its entry lets it use, where that is a figure; the kit's own CPU limit is one of HOSTS. */
  limits?: ArmLimits
  /** Words other than its name by which it is asked for: the profiles of its Compose service. */
  groups: readonly string[]
  /** Absent: it is no level of a factor. */
  factor?: Factor
  /** Compose service of a database of its own; absent: it has the one of all others. */
  database?: string
  /** Compose service between it and its database, such as a pooler. */
  through?: string
}>

/** Compose service of the database of all arms that name none of their own. */
export const DEFAULT_DATABASE = 'db'

/** Measured, and started, unless other arms are asked for. */
export const DEFAULT_GROUP = 'reference'

const LABEL = 'org.samehost'

/**
 * The arms that a compose file defines, in its order.
 *
 * @param composeYaml text of the file
 * @param read of the files that it includes; null: only its own arms
 * @param shell for variables without a value, which are those of the shell that starts the arm
 * @throws when an arm has a name that run.json cannot hold, a mode that does not exist, or half a factor
 */
export function readArms(
  composeYaml: string,
  read: ReadText | null = null,
  shell: Readonly<Record<string, string | undefined>> = {},
): Arm[] {
  return [...composeServices(composeYaml, read)].flatMap(([name, service]) => {
    const labels = service.labels ?? {}
    const label = (key: string): string | null => labels[`${LABEL}.${key}`] ?? null
    const mode = label('mode')
    if (mode === null) return []
    const fault = faultOfName(name)
    if (fault !== null) throw new Error(`compose.yaml: the arm ${name}: ${fault}.`)
    if (!isMode(mode)) throw new Error(`compose.yaml: ${name} has the unknown mode ${mode}.`)
    const environment = Object.entries(service.environment ?? {}).flatMap(([key, written]) => {
      const value = written ?? shell[key]
      return value === undefined ? [] : [[key, String(value)] as const]
    })
    const [database, through, factor] = [label('database'), label('through'), factorOf(name, label)]
    return [
      {
        name,
        mode,
        // What needs a container beside its own cannot run without Docker.
        entry: database === null && through === null ? label('entry') : null,
        environment: Object.fromEntries(environment),
        limits: limitsOf(service.limits ?? {}),
        groups: (service.profiles ?? []).filter((profile) => profile !== name),
        ...(factor && { factor }),
        ...(database !== null && { database }),
        ...(through !== null && { through }),
      },
    ]
  })
}

function factorOf(name: string, label: (key: string) => string | null): Factor | null {
  const [factor, level, from] = [label('factor'), label('level'), label('from')]
  if (factor !== null && level !== null && from !== null) return { factor, level, from }
  if (factor === null && level === null && from === null) return null
  throw new Error(
    `compose.yaml: ${name} needs all of the labels ${LABEL}.factor, ${LABEL}.level and ${LABEL}.from, ` +
      'or none.',
  )
}

/**
 * The arms that words stand for, each once, in the order of the words: a word is the name of an arm or of
 * a group of them.
 *
 * @returns the arms, or the words that stand for none
 */
export function chooseArms(
  words: readonly string[],
  available: readonly Arm[],
): Readonly<{ arms: Arm[]; unknown: string[] }> {
  const chosen = words.map((word) =>
    available.filter(({ name, groups }) => name === word || groups.includes(word)),
  )
  return {
    arms: [...new Set(chosen.flat())],
    unknown: words.filter((_, at) => chosen[at]?.length === 0),
  }
}

/** Groups that are more than one arm, in the order in which they first stand. */
export function groupNames(available: readonly Arm[]): string[] {
  return [...new Set(available.flatMap(({ groups }) => groups))]
}

export function isMode(text: string): text is Mode {
  return text === 'pooled' || text === 'persistent' || text === 'per-request'
}
