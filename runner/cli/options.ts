import { parseArgs } from 'node:util'
import { parseDurationMs } from '../plan/plan.ts'
import { isProfileName, PROFILE_NAMES, PROFILES } from '../plan/profiles.ts'

/** The arguments are wrong: told with every remedy, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'

  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
  }
}

export const HELP = `samehost: same host, same database, same logic; change one thing and see what it costs.

  npm run bench -- [run] [options]      take each arm through the ramp, print tables, write results/
  npm run bench -- report DIR           write the reports of a run again from its raw files
  npm run bench -- compare DIR DIR      two runs: ratios with intervals
  npm run bench -- verify URL | ARM     run the contract's suite against a service
  npm run bench -- add NAME             begin an arm of your own: services/NAME and its entry in compose.yaml
  npm run bench -- vary ARM NAME=a,b,c  a group of arms that are ARM but for one variable or limit
  npm run bench -- calibrate [--short]  measure the instrument itself against known delays
                   [--with locust]      and have Locust read them too, beside it

Options of run
  --profile NAME        smoke | quick (default) | standard | article; in compose: PROFILE=NAME
  --arms A,B            which arms, by name or group: reference (default) | article | all; in compose:
                        ARMS=A,B, which also starts them
  --users 40,50,60,70   the ramp
  --think 500ms         think time between two requests; or a range: 0ms..1s
  --warm-up 5s          discarded at the start of each stage
  --hold 15s            the measured window of each stage
  --timeout 10s         of a request
  --trials 1            how often each arm is taken through the ramp
  --seed 1              of the journeys and of the order of trials
  --threshold 100ms     the response time whose crossing is searched
  --threshold-on mean   mean | p95
  --search, --no-search probe beyond the ramp for the crossing
  --out DIR             results folder
  --resume DIR          go on with a run that was interrupted
  --target NAME=URL     a running service that speaks the contract (repeatable); no Docker needed
  --database-url URL    with --target: its database, which is DROPPED and made anew before each trial
  --check               exit 3 if a claim or a measurement falls short
  --verbose             also a table of each arm by endpoint

Durations take ms, s and m. Exit: 0 done, 1 failed, 2 bad usage, 3 --check fell short, 130 interrupted.
`

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

type Range = Readonly<{ min: number; max: number }>

/** Gathers faults, so that all of them are told at once. */
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

/** The URL without a slash at its end; null if it is not one of http or https. */
export function httpUrl(text: string): string | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null
  return url.href.replace(/\/$/, '')
}
