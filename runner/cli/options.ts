import { parseArgs } from 'node:util'
import { parseDatabaseUrl } from '../foreign/address.ts'
import { hostEnvironment } from '../kit.ts'
import type { Profile, Study } from '../measurement/study.ts'
import type { HostsRequest } from '../plan/hosts.ts'
import { type Option, type OptionName, RUN_OPTIONS } from '../plan/options.ts'
import { PROFILES, profilesOf } from '../plan/profiles.ts'
import { didYouMean } from './nearest.ts'
import {
  durationMs,
  Faults,
  hostsRequest,
  integer,
  integers,
  names,
  type Print,
  printOf,
  PRINTS,
  type Range,
  readPaths,
  readPid,
  readStats,
  readTargets,
  share,
  type Target,
  thinkRange,
} from './option-values.ts'

/** The arguments are wrong: reported with every remedy, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'

  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
  }
}

/** Trials of each arm at most, where a precision was asked for and no number. */
const MAX_TRIALS = 12

/** What `run` was asked to do, whole and checked: nothing further down validates again. */
export type RunOptions = Readonly<{
  profile: string
  users: readonly number[]
  /** The steps of the ramp are those of a profile: they become users of this machine. */
  /** Steps of the ramp that one trial takes; null: all. */
  stepsPerTrial: number | null
  scaled: boolean
  /** null: those that fit, where the testbed can limit its hosts. */
  hosts: HostsRequest | null
  thinkMs: Range
  warmUpMs: number
  warmUpMostMs: number
  holdMs: number
  holdMostMs: number
  nearStages: number
  maxProbes: number
  control: boolean
  startMs: number
  /** Half-width of the main ratio, as a share; null: all trials are taken. */
  precision: number | null
  timeoutMs: number
  trials: number
  /** null: a new one. */
  seed: number | null
  thresholdMs: number
  thresholdOn: 'mean' | 'p95'
  search: boolean
  signIn: boolean
  loaders: number
  /** null: those the testbed starts with. */
  arms: readonly string[] | null
  targets: readonly Target[]
  databaseUrl: string | null
  /** File of the journey; null: the scenario of the kit, or `paths`. */
  journey: string | null
  /** Read one after another, in place of a journey. */
  paths: readonly string[]
  /** Of the shell; null: none. */
  beforeTrial: string | null
  /** Process of the one target; null: not known. */
  pid: number | null
  stats: readonly Target[]
  out: string | null
  resume: string | null
  check: boolean
  /** What the end of the run prints. */
  print: Print
  /** Names of the options that stand on the command line. */
  given: readonly string[]
}>

/**
 * Reads the arguments of `run`; `PROFILE` and `ARMS` of the environment are the profile and the arms where
 * none are given, since `docker compose up` takes no arguments.
 *
 * @param study whose profiles and hosts have a word of their own
 * @returns the options, or every fault with its remedy
 */
export function readRunOptions(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  study: Study | null,
  cores = hostEnvironment().cores,
): RunOptions | readonly string[] {
  const faults = new Faults()
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    allowNegative: true,
    tokens: true,
    options: PARSED,
  })
  const seen = new Set<string>()
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = optionNamed(token.name)
    if (option === undefined)
      faults.add(`There is no option ${token.rawName}.${nearestOption(token.rawName)}`)
    else if (seen.has(token.name) && !option.repeatable)
      faults.add(`--${token.name} stands twice. Give it once.`)
    else faultOf(option, token, faults)
    seen.add(token.name)
  }
  for (const word of positionals) {
    faults.add(
      `"${word}" is not an option: they begin with --, and a value follows its option, as in --users 40,50.`,
    )
  }
  const given = (name: OptionName): string | undefined => {
    const value = values[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const flag = (name: 'check' | (typeof PRINTS)[number]): boolean => values[name] === true

  const profileName = given('profile') ?? (env['PROFILE'] || 'quick')
  const profiles = profilesOf(study)
  if (!profiles.has(profileName)) {
    faults.add(`--profile ${profileName}: there is ${[...profiles.keys()].join(', ')}.`)
  }
  const profile: Profile = profiles.get(profileName) ?? PROFILES.quick
  const thresholdOn = given('threshold-on') ?? 'mean'
  if (thresholdOn !== 'mean' && thresholdOn !== 'p95') {
    faults.add(`--threshold-on ${thresholdOn}: there is mean and p95.`)
  }
  const loaders = integer(faults, '--loaders', given('loaders'), { min: 1, max: 64 }) ?? 1
  const mostUsers = USERS_A_LOADER * loaders
  const targets = readTargets(faults, values['target'])
  const precision = share(faults, '--precision', given('precision')) ?? null
  if (precision === null && given('max-trials') !== undefined) {
    faults.add('--max-trials goes with --precision; without it, give --trials.')
  }
  if (precision !== null && given('trials') !== undefined) {
    faults.add('--trials and --precision exclude each other: with --precision, give --max-trials.')
  }
  const standingArms = targets.length === 0 ? env['ARMS'] || undefined : undefined
  const options: RunOptions = {
    profile: profileName,
    users: integers(faults, '--users', given('users'), { min: 1, max: mostUsers }) ?? profile.users,
    stepsPerTrial: given('users') === undefined ? (profile.stepsPerTrial ?? null) : null,
    scaled: profile.scaled && given('users') === undefined,
    hosts: hostsRequest(faults, given('hosts') ?? (env['HOSTS'] || undefined), cores, study),
    thinkMs: thinkRange(faults, '--think', given('think')) ?? profile.thinkMs,
    warmUpMs: durationMs(faults, '--warm-up', given('warm-up'), 0) ?? profile.warmUpMs,
    holdMs: durationMs(faults, '--hold', given('hold'), 1_000) ?? profile.holdMs,
    timeoutMs: durationMs(faults, '--timeout', given('timeout'), 1) ?? 10_000,
    warmUpMostMs: given('warm-up') === undefined ? profile.warmUpMostMs : 0,
    holdMostMs: given('hold') === undefined ? profile.holdMostMs : 0,
    nearStages: profile.nearStages,
    maxProbes: profile.maxProbes,
    control: profile.search,
    startMs: profile.startMs,
    precision,
    trials:
      (precision === null
        ? null
        : (integer(faults, '--max-trials', given('max-trials'), { min: 3, max: 1_000 }) ??
          MAX_TRIALS)) ??
      integer(faults, '--trials', given('trials'), { min: 1, max: 1_000 }) ??
      profile.trials,
    seed: integer(faults, '--seed', given('seed'), { min: 0, max: 2 ** 32 - 1 }) ?? null,
    thresholdMs: durationMs(faults, '--threshold', given('threshold'), 1) ?? 100,
    thresholdOn: thresholdOn === 'p95' ? 'p95' : 'mean',
    search: typeof values['search'] === 'boolean' ? values['search'] : profile.search,
    signIn: typeof values['sign-in'] === 'boolean' ? values['sign-in'] : (profile.signIn ?? false),
    loaders,
    arms: names(faults, '--arms', given('arms') ?? standingArms) ?? null,
    targets,
    databaseUrl: given('database-url') ?? null,
    journey: given('journey') ?? null,
    paths: readPaths(faults, values['get']),
    beforeTrial: given('before-trial') ?? null,
    pid: readPid(faults, given('pid')),
    stats: readStats(faults, values['stats'], targets),
    out: given('out') ?? null,
    resume: given('resume') ?? null,
    check: flag('check'),
    print: printOf(
      PRINTS.filter((name) => flag(name)),
      faults,
    ),
    given: [...seen].flatMap((name) => optionNamed(name)?.name ?? []),
  }
  const database = options.databaseUrl === null ? null : parseDatabaseUrl(options.databaseUrl)
  if (database !== null && 'fault' in database) faults.add(`--database-url ${database.fault}.`)
  if (options.databaseUrl !== null && options.targets.length === 0) {
    faults.add(
      '--database-url goes with --target: the other testbeds have a database of their own.',
    )
  }
  for (const name of ['journey', 'get', 'before-trial', 'pid'] as const)
    if (seen.has(name) && targets.length === 0)
      faults.add(`--${name} goes with --target: the service that is measured.`)
  if (options.journey !== null && options.paths.length > 0)
    faults.add('--journey and --get exclude each other: put the paths into the journey.')
  if (options.pid !== null && targets.length > 1)
    faults.add('--pid is of one --target. Measure the others without it.')
  if (options.stats.length > 0 && options.targets.length === 0) {
    faults.add('--stats goes with --target: the other testbeds have windows of their own.')
  }
  if (options.arms !== null && options.targets.length > 0) {
    faults.add('--arms and --target exclude each other: with --target, the targets are the arms.')
  }
  return faults.all.length > 0 ? faults.all : options
}

/** More than one process can hold validly, but not more than it can have sockets. */
const USERS_A_LOADER = 10_000

/** By its name, or the name with `no-` before it: with a value, node:util takes that for another option. */
const optionNamed = (name: string): Option | undefined =>
  RUN_OPTIONS.find((option) => option.name === name || `no-${option.name}` === name)

const nearestOption = (rawName: string): string =>
  didYouMean(
    rawName,
    (RUN_OPTIONS as readonly Option[]).flatMap(({ name, negatable }) =>
      negatable ? [`--${name}`, `--no-${name}`] : [`--${name}`],
    ),
  )

/** RUN_OPTIONS as node:util takes them. */
export const PARSED = Object.fromEntries(
  RUN_OPTIONS.map(({ name, value, ...more }) => [
    name,
    { type: value === null ? 'boolean' : 'string', multiple: 'repeatable' in more } as const,
  ]),
)

type Given = Readonly<{ rawName: string; value: string | undefined }>

/** A value where none is taken, none where one is needed, an empty one: an unset variable, most often. */
function faultOf({ name, value, negatable }: Option, given: Given, faults: Faults): void {
  const isNegative = given.rawName === `--no-${name}`
  if (isNegative && !negatable)
    return faults.add(`There is no option ${given.rawName}.${nearestOption(given.rawName)}`)
  if (value === null) {
    if (given.value === undefined) return undefined
    const off = negatable ? `, or --no-${name}` : ', or leave it out'
    return faults.add(`--${name}=${given.value}: it takes no value. Write --${name}${off}.`)
  }
  if (given.value === '')
    return faults.add(`--${name} has an empty value: a variable may be unset.`)
  if (given.value === undefined || given.value.startsWith('--'))
    return faults.add(`--${name} needs a value.`)
  return undefined
}
