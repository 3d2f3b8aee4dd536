import type { Configuration, Run } from '../measurement/run.ts'
import { PROFILES } from './profiles.ts'

/** One option of `run`. Help, docs, the parser and the command that repeats a run are made from these. */
export type Option = Readonly<{
  name: string
  /** What stands for its value in the help, such as `DIR`; null for a switch. */
  value: string | null
  /** A switch that `--no-NAME` turns off. */
  negatable?: true
  repeatable?: true
  /** What it does, as one sentence without an end. */
  text: string
  /** The arguments that ask for what a run did; left out of the command where there are none. */
  again?: (configuration: Configuration) => readonly string[]
}>

const span = ({ min, max }: Configuration['thinkMs']): string =>
  min === max ? `${min}ms` : `${min}ms..${max}ms`

/** Every option of `run`, in the order of the help. */
export const RUN_OPTIONS = [
  {
    name: 'profile',
    value: 'NAME',
    text: 'smoke | quick (default) | standard | article; in Compose: PROFILE=NAME',
    again: ({ profile }) => ['--profile', profile],
  },
  {
    name: 'arms',
    value: 'A,B',
    text: 'the arms, by name or group: reference (default) | lean | article | all; in Compose: ARMS=A,B, which also starts them',
    again: ({ arms, targets }) =>
      targets === undefined ? ['--arms', arms.map(({ name }) => name).join(',')] : [],
  },
  {
    name: 'users',
    value: '40,50,60',
    text: 'the ramp: users at each step; without it, the article’s steps in users of this machine',
    again: ({ users, rampFactor, stepsPerTrial }) =>
      rampFactor === undefined && stepsPerTrial === undefined ? ['--users', users.join(',')] : [],
  },
  {
    name: 'hosts',
    value: 'NAME',
    text: 'fit (default: nothing competes) | pinned (as compose.yaml has them) | article | a speed such as 0.5; in Compose: HOSTS=NAME',
    again: ({ hosts }) =>
      hosts === undefined
        ? []
        : ['--hosts', hosts.kind === 'speed' ? String(hosts.speed) : hosts.kind],
  },
  {
    name: 'think',
    value: '500ms',
    text: 'think time between two requests; or a range: 0ms..1s',
    again: ({ thinkMs }) => ['--think', span(thinkMs)],
  },
  {
    name: 'warm-up',
    value: '5s',
    text: 'discarded at the start of each stage',
    again: ({ warmUpS }) => ['--warm-up', `${warmUpS}s`],
  },
  {
    name: 'hold',
    value: '15s',
    text: 'the measured window of each stage',
    again: ({ holdS }) => ['--hold', `${holdS}s`],
  },
  {
    name: 'timeout',
    value: '10s',
    text: 'limit of a request',
    again: ({ timeoutMs }) => ['--timeout', `${timeoutMs}ms`],
  },
  {
    name: 'trials',
    value: '3',
    text: 'how often each arm is taken through the ramp',
    again: ({ trials, precision }) => (precision === undefined ? ['--trials', String(trials)] : []),
  },
  {
    name: 'precision',
    value: '5%',
    text: 'trials go on until the ratio of kept connections to per-request, else of each arm to the first, is known to so much either way',
    again: ({ precision }) =>
      precision === undefined ? [] : ['--precision', `${Number((100 * precision).toFixed(3))}%`],
  },
  {
    name: 'max-trials',
    value: '12',
    text: 'with --precision: trials of each arm at most',
    again: ({ trials, precision }) =>
      precision === undefined ? [] : ['--max-trials', String(trials)],
  },
  {
    name: 'seed',
    value: '1',
    text: 'of the journeys and of the order of trials; without it, a new one for each run',
    again: ({ seed }) => ['--seed', String(seed)],
  },
  {
    name: 'threshold',
    value: '100ms',
    text: 'the response time whose crossing is searched',
    again: ({ thresholdMs }) => ['--threshold', `${thresholdMs}ms`],
  },
  {
    name: 'threshold-on',
    value: 'mean',
    text: 'mean | p95',
    again: ({ thresholdOn }) => ['--threshold-on', thresholdOn],
  },
  {
    name: 'search',
    value: null,
    negatable: true,
    text: 'probe beyond the ramp for the crossing, or do not',
    again: ({ search }) => [search ? '--search' : '--no-search'],
  },
  {
    name: 'sign-in',
    value: null,
    negatable: true,
    text: 'each new user signs in first, before the warm-up of its stage; or does not',
    again: ({ signIn, profile }) => {
      if (signIn === true) return ['--sign-in']
      // Those of the instrument have none; a study's may.
      return Object.hasOwn(PROFILES, profile) ? [] : ['--no-sign-in']
    },
  },
  {
    name: 'loaders',
    value: '1',
    text: 'processes of the runner that share the users: one drives some 2,000 of them',
    again: ({ loaders }) => (loaders === undefined ? [] : ['--loaders', String(loaders)]),
  },
  { name: 'out', value: 'DIR', text: 'results folder' },
  { name: 'resume', value: 'DIR', text: 'continue a run that was interrupted' },
  {
    name: 'target',
    value: 'NAME=URL',
    repeatable: true,
    text: 'a running service that speaks the contract, or with --journey or --get any; no Docker needed',
    again: ({ targets = [] }) => targets.flatMap(({ name, url }) => ['--target', `${name}=${url}`]),
  },
  {
    name: 'database-url',
    value: 'URL',
    text: 'with --target: its database, which is DROPPED and created again before each trial; with a journey that does not say how it is made, its connections are counted and nothing else',
    again: ({ databaseUrl }) => (databaseUrl === undefined ? [] : ['--database-url', databaseUrl]),
  },
  {
    name: 'journey',
    value: 'FILE',
    text: 'with --target: what users do, in YAML (docs/add-an-arm.md)',
    again: ({ journey }) => (journey === undefined ? [] : ['--journey', journey]),
  },
  {
    name: 'get',
    value: 'PATH',
    repeatable: true,
    text: 'with --target, in place of a journey: a path that users read, such as /items',
    again: ({ paths = [] }) => paths.flatMap((path) => ['--get', path]),
  },
  {
    name: 'before-trial',
    value: 'COMMAND',
    text: 'with --target: a command of the shell that resets the service before each trial, within 5 minutes',
    again: ({ beforeTrial }) => (beforeTrial === undefined ? [] : ['--before-trial', beforeTrial]),
  },
  {
    name: 'pid',
    value: 'NUMBER',
    text: 'with one --target on this machine: its process, whose CPU is read with that of its children',
  },
  {
    name: 'stats',
    value: 'NAME=URL',
    repeatable: true,
    text: 'with --target: the container of a target, of db or of nginx, in a window on its host (window.yaml): http://HOST:9323/CONTAINER',
    again: ({ stats = [] }) => stats.flatMap(({ name, url }) => ['--stats', `${name}=${url}`]),
  },
  { name: 'check', value: null, text: 'exit 3 if a claim or a measurement falls short' },
  {
    name: 'verbose',
    value: null,
    text: 'every table at the end, and not the answer and the ramp alone',
  },
  { name: 'quiet', value: null, text: 'the answer alone at the end, on one line' },
  {
    name: 'json',
    value: null,
    text: 'the answer, the crossings and the claims at the end, as JSON',
  },
] as const satisfies readonly Option[]

export type OptionName = (typeof RUN_OPTIONS)[number]['name']

/** How the option is written, such as `--out DIR` or `--search, --no-search`. */
export function usageOf({ name, value, negatable, repeatable }: Option): string {
  if (value === null) return negatable ? `--${name}, --no-${name}` : `--${name}`
  return `--${name} ${value}${repeatable ? ' ...' : ''}`
}

/**
 * The command that does the run again, with everything that decides it, ready to be pasted into a shell.
 * Passwords are kept nowhere, so a database URL is printed without its own.
 */
export function againCommand({
  configuration,
  environment: { testbed },
}: Pick<Run, 'configuration' | 'environment'>): string {
  const options: readonly Option[] = RUN_OPTIONS
  const decided = options.filter(
    ({ name }) => name !== 'arms' || testbed === 'embedded' || testbed === 'remote',
  )
  const words = decided.flatMap(({ again }) => again?.(configuration) ?? []).map(shellQuoted)
  return [startOf(testbed, configuration), ...words].join(' ')
}

/** Options that say where the run is, and on what. */
const WHERE = new Set(['target', 'database-url', 'stats', 'journey', 'get'])

/** The command that continues an interrupted run. @param folder as the user's shell sees it */
export function resumeCommand(
  { configuration, environment: { testbed } }: Pick<Run, 'configuration' | 'environment'>,
  folder: string,
): string {
  const options: readonly Option[] = RUN_OPTIONS
  const where = options.filter(({ name }) => WHERE.has(name))
  const words = where.flatMap(({ again }) => again?.(configuration) ?? [])
  return [
    startOf(testbed, configuration),
    '--resume',
    shellQuoted(folder),
    ...words.map(shellQuoted),
  ].join(' ')
}

/** Compose starts what ARMS names, so the arms stand there too. */
function startOf(testbed: Run['environment']['testbed'], { arms }: Configuration): string {
  if (testbed === 'embedded' || testbed === 'remote') return 'npm run bench --'
  const start = testbed === 'swarm' ? 'scripts/three-hosts/run' : 'docker compose run --rm bench'
  return `ARMS=${shellQuoted(arms.map(({ name }) => name).join(','))} ${start}`
}

/** One word of a POSIX shell's command. Source: POSIX.1-2017, Shell Command Language, 2.2.2. */
export function shellQuoted(word: string): string {
  return /^[\w.,:=/@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
