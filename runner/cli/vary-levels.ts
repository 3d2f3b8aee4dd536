import { isSecretName } from '../foreign/address.ts'
import { unconfirmed } from '../experiment/levels.ts'
import { readAnswer } from '../foreign/read.ts'
import { type Arm, isMode } from '../plan/arms.ts'
import { canonical, LIMIT_NAMES, type LimitName, limitsOf } from '../plan/levels.ts'
import { givenHere, startArmProcess } from '../testbed/embedded/arm-process.ts'
import { settingsIn } from '../testbed/ready.ts'
import { UsageError } from './options.ts'

export type Assignment = Readonly<{ name: string; values: readonly string[] }>

/** The form of the values of each limit. */
const LIMITS: Readonly<Record<LimitName, RegExp>> = {
  cpus: /^\d+(\.\d+)?$/,
  mem_limit: /^\d+(\.\d+)?[kmg]b?$/i,
  pids_limit: /^\d+$/,
}

/** Who the arm is and where things are: the kit's own, so that every arm is measured in the same place. */
const OWN =
  /^(ARM_NAME|HOST|PORT|SERVICE_INSTANCE|NO_PROXY|DATABASE_URL|DB_(HOST|PORT|USER|NAME|PASSWORD|PASSWORD_FILE))$/

/**
 * @returns null unless it is a name and two different values or more
 * @throws UsageError for a value that can be no level
 */
export function parseAssignment(text: string): Assignment | null {
  const [, name = '', list = ''] = /^([A-Za-z_][A-Za-z0-9_]*)=(.+)$/.exec(text) ?? []
  const values = list.split(',').map((value) => value.trim())
  if (values.length < 2 || values.includes('') || new Set(values).size < values.length) return null
  if (OWN.test(name)) {
    throw new UsageError([
      `vary: ${name} is the kit's own: it says who an arm is, or where it and its database are. Arms on ` +
        'another database, or behind a pooler, are written as compose/postgres.yaml and compose/pooler.yaml are.',
    ])
  }
  if (isSecretName(name)) {
    throw new UsageError([
      `vary: ${name} is the name of a secret, and every report shows the values that are varied.`,
    ])
  }
  const limit = isLimit(name) ? LIMITS[name] : undefined
  if (/^[a-z_]+$/.test(name) && limit === undefined) {
    throw new UsageError([
      `vary: ${name} is no limit that can be varied. There is ${Object.keys(LIMITS).join(', ')}; ` +
        'a variable of the service is in capitals.',
    ])
  }
  const wrong = values.find(
    (value) => limit?.test(value) === false || (limit && parseFloat(value) === 0),
  )
  if (wrong !== undefined)
    throw new UsageError([`vary: ${name}=${wrong} is no ${name} of a container.`])
  return { name, values }
}

const isLimit = (name: string): name is LimitName => name in LIMIT_NAMES

/** @throws UsageError where two values are one level, or where a mode is none that an arm can promise */
export function refuseEqual({ through }: Arm, { name, values }: Assignment): void {
  const levels = values.map((value) =>
    isLimit(name) ? JSON.stringify(limitsOf({ [name]: value })) : canonical(value),
  )
  const at = levels.findIndex((level, index) => levels.indexOf(level) < index)
  if (at >= 0) {
    const first = values[levels.indexOf(levels[at] ?? '')]
    throw new UsageError([
      `vary: ${name}=${first} and ${name}=${values[at]} are the same level: leave one out.`,
    ])
  }
  const wrong =
    name === 'DB_MODE' && through === undefined && values.find((value) => !isMode(value))
  if (typeof wrong === 'string')
    throw new UsageError([`vary: DB_MODE=${wrong}: give pooled, persistent or per-request.`])
}

type NewLevel = Readonly<{ name: string; value: string }>

/**
 * Starts the service itself with each level, where it can be started here, without a database, and asks for its
 * settings: a level that it refuses, or that it does not name, changes nothing. A service that runs in a container
 * is asked by the run, before anything is measured.
 *
 * @throws UsageError with all that is wrong
 */
export async function refuseLevels(
  arm: Arm,
  variable: string,
  levels: readonly NewLevel[],
): Promise<void> {
  const { entry } = arm
  if (entry === null) return
  const said = await Promise.all(
    levels.map(async ({ name, value }): Promise<string> => {
      const environment = { ...arm.environment, [variable]: value.replaceAll('$', '$$$$') }
      const factor = { factor: variable, level: value, from: arm.name }
      const level = { ...arm, entry, name, environment, factor }
      try {
        const { settings = {} } = await settingsOf(level)
        const testbed = { arms: [arm, level], given: givenHere }
        const found = { identity: { arm: name, instance: null, proofs: 0, settings }, limits: null }
        const text = unconfirmed(level, testbed, found)
        return text === null ? '' : `vary: ${name}: ${text}.`
      } catch (error) {
        return `vary: ${error instanceof Error ? error.message : String(error)}`
      }
    }),
  )
  const faults = said.filter((text) => text !== '')
  if (faults.length > 0) throw new UsageError(faults)
}

/** A database that nothing listens at: the service connects to none before it is asked to. */
const NO_DATABASE = 'postgres://nobody@127.0.0.1:1/none'

async function settingsOf(level: Arm & { entry: string }): Promise<ReturnType<typeof settingsIn>> {
  const started = await startArmProcess(level, NO_DATABASE, undefined, { path: '/healthz' })
  try {
    return settingsIn((await readAnswer(`${started.url}/healthz`)).text)
  } finally {
    await started.stop()
  }
}
