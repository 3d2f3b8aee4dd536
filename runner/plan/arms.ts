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
  /** In the plan unless other arms are asked for. */
  isDefault: boolean
}>

const LABEL = 'org.samehost'

type Service = {
  labels?: Record<string, string>
  environment?: Record<string, string | number | null>
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
        isDefault: labels[`${LABEL}.default`] === 'true',
      },
    ]
  })
}

function isMode(text: string): text is Mode {
  return text === 'pooled' || text === 'persistent' || text === 'per-request'
}
