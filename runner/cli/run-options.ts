import { parseArgs } from 'node:util'
import { isProfileName, PROFILE_NAMES, PROFILES } from '../plan/profiles.ts'
import {
  durationMs,
  Faults,
  httpUrl,
  integer,
  integers,
  names,
  thinkRange,
  type Range,
} from './values.ts'

type Target = Readonly<{ name: string; url: string }>

/** What `run` was asked to do, whole and checked: nothing further down validates again. */
export type RunOptions = Readonly<{
  profile: string
  users: readonly number[]
  thinkMs: Range
  warmUpMs: number
  holdMs: number
  timeoutMs: number
  trials: number
  seed: number
  thresholdMs: number
  thresholdOn: 'mean' | 'p95'
  search: boolean
  /** null: those the testbed starts with. */
  arms: readonly string[] | null
  targets: readonly Target[]
  databaseUrl: string | null
  out: string | null
  resume: string | null
  check: boolean
  verbose: boolean
}>

/**
 * Reads the arguments of `run`; `PROFILE` and `ARMS` of the environment are the profile and the arms where
 * none are given, since `docker compose up` takes no arguments.
 *
 * @returns the options, or every fault with its remedy
 */
export function readRunOptions(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): RunOptions | readonly string[] {
  const faults = new Faults()
  const { values, positionals } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    allowNegative: true,
    options: OPTIONS,
  })
  for (const name of Object.keys(values)) {
    if (!Object.hasOwn(OPTIONS, name)) faults.add(`There is no option --${name}. See --help.`)
  }
  for (const word of positionals) faults.add(`What is "${word}"? See --help.`)
  const given = (name: keyof typeof OPTIONS): string | undefined => {
    const value = values[name]
    if (value === undefined) return undefined
    if (typeof value === 'string' && !value.startsWith('--')) return value
    return faults.add(`--${name} needs a value.`)
  }
  const flag = (name: 'check' | 'verbose'): boolean => values[name] === true

  const profileName = given('profile') ?? (env['PROFILE'] || 'quick')
  if (!isProfileName(profileName)) {
    faults.add(`--profile ${profileName}: there is ${PROFILE_NAMES.join(', ')}.`)
  }
  const profile = PROFILES[isProfileName(profileName) ? profileName : 'quick']
  const thresholdOn = given('threshold-on') ?? 'mean'
  if (thresholdOn !== 'mean' && thresholdOn !== 'p95') {
    faults.add(`--threshold-on ${thresholdOn}: there is mean and p95.`)
  }
  const targets = readTargets(faults, values['target'])
  const standingArms = targets.length === 0 ? env['ARMS'] || undefined : undefined
  const options: RunOptions = {
    profile: profileName,
    users: integers(faults, '--users', given('users'), { min: 1, max: 10_000 }) ?? profile.users,
    thinkMs: thinkRange(faults, '--think', given('think')) ?? profile.thinkMs,
    warmUpMs: durationMs(faults, '--warm-up', given('warm-up'), 0) ?? profile.warmUpMs,
    holdMs: durationMs(faults, '--hold', given('hold'), 1_000) ?? profile.holdMs,
    timeoutMs: durationMs(faults, '--timeout', given('timeout'), 1) ?? 10_000,
    trials: integer(faults, '--trials', given('trials'), { min: 1, max: 1_000 }) ?? profile.trials,
    seed: integer(faults, '--seed', given('seed'), { min: 0, max: 2 ** 32 - 1 }) ?? 1,
    thresholdMs: durationMs(faults, '--threshold', given('threshold'), 1) ?? 100,
    thresholdOn: thresholdOn === 'p95' ? 'p95' : 'mean',
    search: typeof values['search'] === 'boolean' ? values['search'] : profile.search,
    arms: names(faults, '--arms', given('arms') ?? standingArms) ?? null,
    targets,
    databaseUrl: given('database-url') ?? null,
    out: given('out') ?? null,
    resume: given('resume') ?? null,
    check: flag('check'),
    verbose: flag('verbose'),
  }
  if (options.databaseUrl !== null && options.targets.length === 0) {
    faults.add(
      '--database-url goes with --target: the other testbeds have a database of their own.',
    )
  }
  if (options.arms !== null && options.targets.length > 0) {
    faults.add('--arms and --target exclude each other: with --target, the targets are the arms.')
  }
  return faults.all.length > 0 ? faults.all : options
}

const OPTIONS = {
  profile: { type: 'string' },
  arms: { type: 'string' },
  users: { type: 'string' },
  think: { type: 'string' },
  'warm-up': { type: 'string' },
  hold: { type: 'string' },
  timeout: { type: 'string' },
  trials: { type: 'string' },
  seed: { type: 'string' },
  threshold: { type: 'string' },
  'threshold-on': { type: 'string' },
  search: { type: 'boolean' },
  target: { type: 'string', multiple: true },
  'database-url': { type: 'string' },
  out: { type: 'string' },
  resume: { type: 'string' },
  check: { type: 'boolean' },
  verbose: { type: 'boolean' },
} as const

function readTargets(faults: Faults, value: unknown): Target[] {
  const list = Array.isArray(value) ? value : []
  const targets = list.flatMap((item: unknown) => {
    const [, name, url] = /^([a-z0-9][a-z0-9-]*)=(.+)$/.exec(String(item)) ?? []
    const href = url === undefined ? null : httpUrl(url)
    if (name !== undefined && href !== null) return [{ name, url: href }]
    faults.add(`--target ${String(item)}: write NAME=http://HOST:PORT, the name in a-z, 0-9 and -.`)
    return []
  })
  if (new Set(targets.map((target) => target.name)).size < targets.length) {
    faults.add('--target: two targets have the same name.')
  }
  return targets
}
