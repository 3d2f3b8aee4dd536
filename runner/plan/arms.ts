import { parse } from 'yaml'
import type { Mode } from '../measurement/trial.ts'

/**
 * One configuration under test. It is data: an entry of compose.yaml with these labels. The runner knows
 * no arm by name.
 */
export type Arm = Readonly<{
  /** Name of its Compose service, and of its way in behind the front door. */
  name: string
  /** What it promises about its connections; null for a target of unknown making. */
  mode: Mode | null
  /** Its Node entry point, from the root of the kit; null if it can run in a container only. */
  entry: string | null
  /** The part of its environment that makes it this arm. */
  environment: Readonly<Record<string, string>>
  /** Words other than its name by which it is asked for: the profiles of its Compose service. */
  groups: readonly string[]
}>

/** Measured, and started, unless other arms are asked for. */
export const DEFAULT_GROUP = 'reference'

const LABEL = 'org.samehost'

type Service = {
  labels?: Record<string, string>
  environment?: Record<string, string | number | null>
  profiles?: string[]
}

/**
 * The arms that a compose file defines, in its order.
 *
 * @param composeYaml text of the file; merge keys (`<<`) are followed
 * @throws when an arm names a mode that does not exist
 */
export function readArms(composeYaml: string): Arm[] {
  const file = parse(composeYaml, { merge: true }) as { services?: Record<string, Service> }
  return Object.entries(file.services ?? {}).flatMap(([name, service]) => {
    const labels = service.labels ?? {}
    const mode = labels[`${LABEL}.mode`]
    if (mode === undefined) return []
    if (!isMode(mode)) throw new Error(`compose.yaml: ${name} has the unknown mode ${mode}.`)
    const environment = Object.entries(service.environment ?? {}).flatMap(([key, value]) =>
      value === null ? [] : [[key, String(value)] as const],
    )
    return [
      {
        name,
        mode,
        entry: labels[`${LABEL}.entry`] ?? null,
        environment: Object.fromEntries(environment),
        groups: (service.profiles ?? []).filter((profile) => profile !== name),
      },
    ]
  })
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

function isMode(text: string): text is Mode {
  return text === 'pooled' || text === 'persistent' || text === 'per-request'
}
