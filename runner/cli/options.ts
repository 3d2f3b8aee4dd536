import { parseArgs } from 'node:util'
import { parseDatabaseUrl, parseTarget, shownAddress } from '../foreign/address.ts'
import { hostEnvironment } from '../kit.ts'
import { type HostsRequest, parseHosts } from '../plan/hosts.ts'
import { type Option, type OptionName, RUN_OPTIONS, usageOf } from '../plan/options.ts'
import { parseDurationMs } from '../plan/plan.ts'
import { isProfileName, PROFILE_NAMES, PROFILES } from '../plan/profiles.ts'

/** The arguments are wrong: reported with every remedy, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'

  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
  }
}

export const COMMANDS = [
  ['[run] [options]', 'take each arm through the ramp, print tables, write results/'],
  ['report DIR', 'write the reports of a run again from its raw files'],
  ['compare DIR DIR', 'two runs: ratios with intervals'],
  ['verify URL | ARM', "run the contract's suite against a service"],
  ['add NAME', 'begin an arm of your own: services/NAME and its entry in compose.yaml'],
  ['vary ARM NAME=a,b,c', 'a group of arms that are ARM but for one variable or limit'],
  ['calibrate [--short] [--with locust]', 'measure the instrument itself against known delays'],
  [
    'calibrate --loaders N [--users A,B] [--think 5s]',
    'the same of N processes together, at 4,000 to 16,000 users',
  ],
] as const

/** The help, made from the tables of commands and options. @param columns of the screen */
export function help(columns: number): string {
  const commands = COMMANDS.map(([command, text]): [string, string] => [
    `npm run bench -- ${command}`,
    text,
  ])
  const options = RUN_OPTIONS.map((option): [string, string] => [usageOf(option), option.text])
  return [
    ...folded(
      'samehost: same host, same database, same logic; change one thing and see what it costs.',
      columns,
    ),
    '',
    ...listed(commands, columns),
    '',
    'Options of run',
    ...listed(options, columns),
    '',
    ...folded('--help shows this, --version the version. Durations take ms, s and m.', columns),
    ...folded(
      'Exit: 0 done, 1 failed, 2 bad usage, 3 --check fell short, 130 interrupted.',
      columns,
    ),
    '',
  ].join('\n')
}

/** Two columns, the second folded to the width of the screen; where it is too narrow, one under the other. */
function listed(rows: readonly (readonly [string, string])[], columns: number): string[] {
  const left = Math.max(...rows.map(([name]) => name.length)) + 4
  if (columns - left < 30) {
    return rows.flatMap(([name, text]) => [
      ...folded(name, columns - 2).map((line) => `  ${line}`),
      ...folded(text, columns - 6).map((line) => `      ${line}`),
    ])
  }
  const width = Math.max(20, Math.min(columns, 110) - left)
  return rows.flatMap(([name, text]) =>
    folded(text, width).map((line, at) =>
      `${(at === 0 ? `  ${name}` : '').padEnd(left)}${line}`.trimEnd(),
    ),
  )
}

function folded(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

type Target = Readonly<{ name: string; url: string }>

/** Trials of each arm at most, where a precision was asked for and no number. */
const MAX_TRIALS = 12

/** What `run` was asked to do, whole and checked: nothing further down validates again. */
export type RunOptions = Readonly<{
  profile: string
  users: readonly number[]
  /** The steps of the ramp are the article’s: they become users of this machine. */
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
  loaders: number
  /** null: those the testbed starts with. */
  arms: readonly string[] | null
  targets: readonly Target[]
  databaseUrl: string | null
  stats: readonly Target[]
  out: string | null
  resume: string | null
  check: boolean
  verbose: boolean
  /** Names of the options that stand on the command line. */
  given: readonly string[]
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
    if (option === undefined) faults.add(`There is no option ${token.rawName}. See --help.`)
    else if (seen.has(token.name) && !option.repeatable)
      faults.add(`--${token.name} stands twice. Give it once.`)
    else faultOf(option, token, faults)
    seen.add(token.name)
  }
  for (const word of positionals) faults.add(`What is "${word}"? See --help.`)
  const given = (name: OptionName): string | undefined => {
    const value = values[name]
    return typeof value === 'string' && value !== '' ? value : undefined
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
    scaled: profile.scaled && given('users') === undefined,
    hosts: hostsRequest(faults, given('hosts') ?? (env['HOSTS'] || undefined), cores),
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
    loaders,
    arms: names(faults, '--arms', given('arms') ?? standingArms) ?? null,
    targets,
    databaseUrl: given('database-url') ?? null,
    stats: readStats(faults, values['stats'], targets),
    out: given('out') ?? null,
    resume: given('resume') ?? null,
    check: flag('check'),
    verbose: flag('verbose'),
    given: [...seen].flatMap((name) => optionNamed(name)?.name ?? []),
  }
  const database = options.databaseUrl === null ? null : parseDatabaseUrl(options.databaseUrl)
  if (database !== null && 'fault' in database) faults.add(`--database-url ${database.fault}.`)
  if (options.databaseUrl !== null && options.targets.length === 0) {
    faults.add(
      '--database-url goes with --target: the other testbeds have a database of their own.',
    )
  }
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

/** RUN_OPTIONS as node:util takes them. */
const PARSED = Object.fromEntries(
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
    return faults.add(`There is no option ${given.rawName}. See --help.`)
  if (value === null) {
    if (given.value === undefined) return undefined
    const off = negatable ? `, or --no-${name}` : ', or leave it out'
    return faults.add(`--${name}=${given.value}: it takes no value. Write --${name}${off}.`)
  }
  if (given.value === '') return faults.add(`--${name} has an empty value. Is a variable unset?`)
  if (given.value === undefined || given.value.startsWith('--'))
    return faults.add(`--${name} needs a value.`)
  return undefined
}

/** A share such as `5%`. */
function share(faults: Faults, option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const percent = Number(/^(\d+(?:\.\d+)?)\s?%$/.exec(text)?.[1] ?? Number.NaN)
  if (percent >= 0.1 && percent <= 100) return percent / 100
  return faults.add(`${option} ${text}: a share from 0.1% to 100% is needed, such as 5%.`)
}

function hostsRequest(
  faults: Faults,
  text: string | undefined,
  cores: number,
): HostsRequest | null {
  if (text === undefined) return null
  const request = parseHosts(text, cores)
  if (typeof request !== 'string') return request
  faults.add(request)
  return null
}

function readTargets(faults: Faults, value: unknown): Target[] {
  const list = Array.isArray(value) ? value : []
  const targets = list.flatMap((item: unknown) => {
    const [, name, url] = /^([a-z0-9][a-z0-9-]*)=(.+)$/.exec(String(item)) ?? []
    const parsed =
      url === undefined
        ? { fault: 'write NAME=http://HOST:PORT, the name in a-z, 0-9 and -' }
        : parseTarget(url)
    if (name !== undefined && 'url' in parsed) return [{ name, url: parsed.url }]
    if ('fault' in parsed) {
      faults.add(`--target ${shownAddress(String(item))}: ${named(parsed.fault, name)}.`)
    }
    return []
  })
  if (new Set(targets.map((target) => target.name)).size < targets.length) {
    faults.add('--target: two targets have the same name.')
  }
  return targets
}

/** The remedy as it is typed. */
const named = (fault: string, name = 'NAME'): string =>
  fault.replace('write http', () => `write ${name}=http`)

/** Parts of the testbed that are no target. */
const OTHER_PARTS = ['db', 'nginx']

function readStats(faults: Faults, value: unknown, targets: readonly Target[]): Target[] {
  const list = Array.isArray(value) ? value : []
  const known = [...targets.map(({ name }) => name), ...OTHER_PARTS]
  const stats = list.flatMap((item: unknown) => {
    const [, name = '', text = ''] = /^([^=]+)=(.+)$/.exec(String(item)) ?? []
    const parsed = parseTarget(text)
    const url = 'url' in parsed ? parsed.url : null
    if (url === null || !/^\/[\w.-]+$/.test(new URL(url).pathname)) {
      faults.add(
        `--stats ${String(item)}: write NAME=http://HOST:9323/CONTAINER (see window.yaml).`,
      )
      return []
    }
    if (!known.includes(name)) {
      faults.add(`--stats ${name}: there is no such target. There is ${known.join(', ')}.`)
    }
    return [{ name, url }]
  })
  if (new Set(stats.map(({ name }) => name)).size < stats.length) {
    faults.add('--stats: two of them have the same name.')
  }
  return stats
}

type Range = Readonly<{ min: number; max: number }>

/** Gathers faults, so that all of them are reported at once. */
class Faults {
  readonly all: string[] = []

  add(fault: string): undefined {
    this.all.push(fault)
  }
}

function integer(
  faults: Faults,
  option: string,
  text: string | undefined,
  { min, max }: Range,
): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  return faults.add(`${option} ${text}: a whole number from ${min} to ${max} is needed.`)
}

/** A rising list such as 40,50,60,70: the ramp only ever adds users. */
function integers(
  faults: Faults,
  option: string,
  text: string | undefined,
  range: Range,
): number[] | undefined {
  if (text === undefined) return undefined
  const values = text.split(',').map((item) => integer(faults, option, item.trim(), range))
  const rising = values.every((value, at) => at === 0 || (value ?? 0) > (values[at - 1] ?? 0))
  if (!values.includes(undefined) && !rising) {
    faults.add(`${option} ${text}: the numbers must rise, such as 40,50,60,70.`)
  }
  return values.filter((value) => value !== undefined)
}

function durationMs(
  faults: Faults,
  option: string,
  text: string | undefined,
  least: number,
): number | undefined {
  if (text === undefined) return undefined
  const value = parseDurationMs(text)
  if (value === null) {
    return faults.add(`${option} ${text}: a duration needs its unit: 500ms, 15s, 5m.`)
  }
  if (value < least) return faults.add(`${option} ${text}: at least ${least}ms is needed.`)
  if (value > 24 * 3_600_000) return faults.add(`${option} ${text}: at most a day.`)
  return value
}

/** `500ms`, or a range such as `0ms..1s` to draw from uniformly. */
function thinkRange(faults: Faults, option: string, text: string | undefined): Range | undefined {
  if (text === undefined) return undefined
  const [first = '', second = first, ...more] = text.split('..')
  const min = durationMs(faults, option, first, 0)
  const max = durationMs(faults, option, second, 0)
  if (min === undefined || max === undefined) return undefined
  if (max < min || more.length > 0) {
    return faults.add(`${option} ${text}: a range rises, such as 0ms..1s.`)
  }
  return { min, max }
}

function names(faults: Faults, option: string, text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined
  const list = text.split(',').map((item) => item.trim())
  const bad = list.filter((item) => !/^[a-z0-9][a-z0-9-]*$/.test(item))
  if (bad.length > 0) return faults.add(`${option} ${text}: names are of a-z, 0-9 and -.`)
  if (new Set(list).size < list.length) return faults.add(`${option} ${text}: a name stands twice.`)
  return list
}
