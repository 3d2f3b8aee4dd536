import type { Identity, Limits, Trial } from '../measurement/trial.ts'
import type { Arm } from '../plan/arms.ts'
import { canonical, type Changes, changesOf, LIMIT_NAMES } from '../plan/levels.ts'
import { PLACES } from '../testbed/embedded/arm-process.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { startAtFullSpeed } from './hosts.ts'
import { identify } from './identity.ts'
import { messageOf } from './stage.ts'
import { unlessAborted } from './unless-aborted.ts'

/** What an arm may use now, as its host says it; null where the runner cannot read it. */
export async function readLimits(
  { hosts }: Pick<Testbed, 'hosts'>,
  name: string,
): Promise<Limits | null> {
  if (hosts === null) return null
  const cpu = await hosts.limitsOf(name)
  const { cores = null, ...period } = cpu ?? {}
  return { cores, ...period, ...(await hosts.otherLimitsOf(name)) }
}

/** What is known of an arm once it answers. */
type Found = Readonly<{ identity: Identity; limits: Limits | null }>

/**
 * Why an arm is not what it was told to be, by its own word and by the limits that were read back; null where
 * all that is known agrees. Only a level has to say what makes it one.
 */
export function unconfirmed(
  arm: Arm,
  testbed: Pick<Testbed, 'arms' | 'given'>,
  { identity: { settings = {} }, limits }: Found,
): string | null {
  const changes = changesOf(arm, testbed.arms)
  const given = testbed.given(arm)
  const names = new Set([
    ...changes.variables,
    ...Object.keys(given).filter((name) => name in settings),
  ])
  for (const name of names) {
    const [said, told] = [settings[name], given[name]?.trim()]
    if (said === undefined) return notSaid(name, settings)
    if (told && canonical(told) !== canonical(said))
      return `it goes by ${name}=${said}, and was told ${told}`
  }
  return limitText(arm, changes, limits)
}

function notSaid(name: string, settings: NonNullable<Identity['settings']>): string {
  const names = Object.keys(settings)
  const why = names.length === 0 ? '' : ': it is no variable of it, or means nothing in its mode'
  const others = names.length === 0 ? '' : `; it goes by ${names.toSorted().join(', ')}`
  return `it does not say on /healthz that it goes by ${name}${why}${others}`
}

function limitText(
  { limits: own = {} }: Arm,
  changes: Changes,
  limits: Limits | null,
): string | null {
  for (const name of changes.limits) {
    const told = name === 'cpus' ? own.cpu?.cores : own[LIMIT_NAMES[name]]
    const has = name === 'cpus' ? limits?.cores : limits?.[LIMIT_NAMES[name]]
    if (told !== undefined && told !== has)
      return `it was to have ${name} ${String(told)}, and what is read back is ${String(has ?? 'nothing')}`
  }
  return null
}

/**
 * The same within a run: why the stages of a trial are none of its arm.
 *
 * @param earlier trials of the run
 */
export function unconfirmedTrial(
  arm: Arm,
  trial: Pick<Trial, 'identity' | 'armLimits'>,
  testbed: Pick<Testbed, 'arms' | 'given'>,
  earlier: readonly Trial[],
): string | null {
  const { identity, armLimits: limits = null } = trial
  if (identity === undefined) return null
  const text = unconfirmed(arm, testbed, { identity, limits })
  if (text !== null) return `${arm.name} is not confirmed: ${text}`
  const before = earlier.find((other) => other.arm === arm.name && other.identity?.given)?.identity
  if (before === undefined || identity.given === before.given) return null
  return `${arm.name} was given other variables than in its first trial, by its own word`
}

type Asking = Readonly<{ testbed: Testbed; warn: (text: string) => void; signal: AbortSignal }>

/**
 * Asks every level of a factor, before anything is measured, whether it is what it was told to be, and whether
 * it differs from the others of its group.
 *
 * @returns what is wrong, each by the name of the arm and with a remedy
 * @throws AbortError when the signal comes
 */
export async function levelFaults(asked: readonly Arm[], asking: Asking): Promise<string[]> {
  const { testbed, warn, signal } = asking
  const faults = asked.flatMap((arm) => lacking(arm, testbed))
  if (faults.length > 0) return faults
  const found: (Found & Readonly<{ arm: Arm }>)[] = []
  const recreated = new Set<string>()
  for (const arm of asked) {
    if (arm.factor === undefined) {
      if (arm.limits?.cpu && testbed.hosts !== null) warn(ownLimit(arm.name, arm.limits.cpu.cores))
      continue
    }
    try {
      const database = testbed.databaseOf(arm)
      if (database !== null && !recreated.has(database.adminUrl)) {
        await unlessAborted(database.recreate(), signal)
        recreated.add(database.adminUrl)
      }
      const level = { arm, ...(await lookAt(arm, asking)) }
      found.push(level)
      if (level.identity.settings === undefined) {
        if (changesOf(arm, testbed.arms).variables.length > 0) warn(unsaid(arm.name))
        continue
      }
      const text = unconfirmed(arm, testbed, level)
      if (text !== null)
        faults.push(`${arm.name}: its level is not confirmed: ${text}. ${remedy(testbed)}`)
    } catch (error) {
      if (signal.aborted) throw error
      if (error instanceof NotAsked) warn(`${arm.name}: ${error.message} ${NOT_YET}`)
      else faults.push(`${arm.name}: ${messageOf(error)}`)
    }
  }
  return faults.length > 0 ? faults : equalLevels(found, testbed.arms)
}

/** What cannot be opened, or is not itself: its trials say so, and those of the others are none the worse. */
class NotAsked extends Error {}
const NOT_YET = 'Its level could not be confirmed before the run; its trials will be asked again.'

const notAsked = (cause: unknown): never => {
  throw new NotAsked(messageOf(cause), { cause })
}

async function lookAt(arm: Arm, { testbed, signal }: Asking): Promise<Found> {
  await startAtFullSpeed(testbed, arm, { appCores: 0, dbCores: 0 })
  const opened = await testbed.open(arm, signal).catch(notAsked)
  try {
    if (arm.limits?.cpu) await testbed.hosts?.setLimits(arm.name, arm.limits.cpu)
    const identity = await identify(arm, opened.url, { testbed, signal }).catch(notAsked)
    return { identity, limits: await readLimits(testbed, arm.name) }
  } finally {
    await opened.close()
  }
}

/** What an arm is told and cannot have on this testbed. */
function lacking(arm: Arm, testbed: Testbed): string[] {
  const changes = changesOf(arm, testbed.arms)
  const inCompose = `\`ARMS=${arm.name} docker compose up bench\` has it`
  const given = testbed.given(arm)
  const filledIn = Object.keys(arm.environment).filter(
    (name) => arm.environment[name]?.includes('$') && !PLACES.has(name),
  )
  const variables = [...new Set([...changes.variables, ...filledIn])]
  return [
    ...(testbed.kind === 'embedded' ? variables : [])
      .filter((name) => !(name in given))
      .map((name) => `${arm.name}: ${name} cannot be had without Docker: ${inCompose}.`),
    ...(testbed.hosts === null ? changes.limits : []).map(
      (name) =>
        `${arm.name}: its ${name} can be neither set nor read here (${testbed.label}): ` +
        (testbed.kind === 'compose'
          ? "mount the engine's socket (DOCKER_SOCKET)."
          : `${inCompose}; cpus can be had as root, or in a delegated group of cgroup v2.`),
    ),
    ...(testbed.kind === 'embedded' && testbed.hosts !== null ? changes.limits : [])
      .filter((name) => name !== 'cpus')
      .map((name) => `${arm.name}: ${name} is not limited without Docker: ${inCompose}.`),
  ]
}

/** Two levels that were told different things and go by the same. */
function equalLevels(
  levels: readonly (Found & { readonly arm: Arm })[],
  arms: readonly Arm[],
): string[] {
  const known = levels.flatMap(({ arm, identity: { settings } }) => {
    const { variables, limits } = changesOf(arm, arms)
    const group = `${arm.factor?.from} ${arm.factor?.factor}`
    const own = limits.map((name) => arm.limits?.[LIMIT_NAMES[name]])
    const facts = JSON.stringify([group, namesAndValues(settings ?? {}), own])
    return settings === undefined
      ? []
      : [{ arm, facts, isTold: variables.length + limits.length > 0 }]
  })
  return known.flatMap(({ arm, facts, isTold }, at) => {
    const same = known.slice(0, at).find((other) => other.facts === facts)
    if (same === undefined || !(isTold || same.isTold)) return []
    return [
      `${same.arm.name} and ${arm.name} go by the same settings: what they differ in changes nothing. ` +
        'Leave one out, or give it another value.',
    ]
  })
}

const namesAndValues = (settings: NonNullable<Identity['settings']>): string[] =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()

const remedy = ({ kind }: Testbed): string =>
  kind === 'compose'
    ? '`docker compose up -d` recreates a container that is older than its entry in compose.yaml.'
    : 'Give it a value that its service takes, or leave it out.'

const unsaid = (arm: string): string =>
  `${arm} does not say its settings on /healthz (\`settings\` in services/contract.yaml): its level cannot be ` +
  'confirmed, and all of its stages will be INVALID.'

const ownLimit = (arm: string, cores: number): string =>
  `${arm} has a CPU limit of its own in its entry, ${cores} cores, and keeps it: the hosts of this run are ` +
  'those of the other arms.'
