import { isDeepStrictEqual } from 'node:util'
import { withoutSecrets } from '../foreign/address.ts'
import { createRandom } from '../load/random.ts'
import type { Environment } from '../measurement/environment.ts'
import type { Configuration, Run } from '../measurement/run.ts'
import type { Trial } from '../measurement/trial.ts'
import { shellQuoted } from '../plan/options.ts'
import { type PlannedTrial, planRun } from '../plan/plan.ts'
import { readRun } from '../results/run-folder.ts'
import type { RunLock } from '../results/run-lock.ts'
import { configurationOf, remoteOf } from './configuration.ts'
import { type RunOptions, UsageError } from './options.ts'
import type { TestbedChoice } from './testbeds.ts'

/** A run about to begin, or to be resumed: where it is written, and what is still to be measured. */
export type PreparedRun = Readonly<{
  folder: string
  configuration: Configuration
  /** The run that is resumed, with its complete trials alone; null for a new one. */
  resumed: Run | null
  trials: readonly PlannedTrial[]
  /** Trials of the whole run. */
  of: number
  /** On the folder: this process alone writes into it. */
  lock: RunLock
}>

/**
 * Continues with the first trial that is not complete: a trial that was cut is repeated, since its
 * database is gone. The plan is that of the run, which its seed gives again.
 */
export async function prepareResumed(
  folder: string,
  options: RunOptions,
  choice: TestbedChoice,
): Promise<Omit<PreparedRun, 'lock'>> {
  const run = await readRun(folder)
  const { configuration } = run
  const { trials } = planRun(configuration, createRandom(configuration.seed))
  const kept = run.trials.filter((trial) => trial.state === 'complete')
  const left = trials.filter(({ order }) => !kept.some((trial) => trial.order === order))
  const faults = [...otherTestbed(run, options, choice), ...otherOptions(run, options, choice)]
  const isPlanned = ({ arm, index, order }: Trial): boolean =>
    trials.some((one) => one.arm === arm && one.index === index && one.order === order)
  if (!kept.every(isPlanned)) {
    faults.push('its trials were put in order by an older samehost: begin a new run')
  }
  if (left.length === 0) {
    faults.push(
      `that run is finished, all ${trials.length} trials are complete: ` +
        `\`npm run bench -- report ${shellQuoted(folder)}\` writes its reports again`,
    )
  }
  if (faults.length > 0)
    throw new UsageError(faults.map((fault) => `--resume ${folder}: ${fault}.`))
  return {
    folder,
    configuration,
    resumed: { ...run, trials: kept },
    trials: left,
    of: trials.length,
  }
}

/** Where the trials to come would be of something else than those that are there. */
function otherTestbed(
  { configuration, environment }: Run,
  options: RunOptions,
  choice: TestbedChoice,
): string[] {
  if (environment.testbed !== choice.kind)
    return [`that run is of the testbed ${environment.testbed}, this is ${choice.kind}`]
  const { scenario } = configuration
  if (scenario !== undefined && scenario.name !== choice.scenario.name)
    return [`that run is of the scenario ${scenario.name}, this is ${choice.scenario.name}`]
  const missing = configuration.arms
    .filter(({ name }) => !choice.arms.some((arm) => arm.name === name))
    .map(({ name }) => `there is no arm ${name} here`)
  const now = remoteOf(options)
  const moved = (configuration.targets ?? []).flatMap(({ name, url }) => {
    const given = now.targets?.find((target) => target.name === name)
    if (given === undefined || given.url === url) return []
    return [`it measured ${name} at ${url}, and --target says ${given.url}`]
  })
  // Runs of before kept the secrets of its query.
  const databaseUrl = configuration.databaseUrl ? withoutSecrets(configuration.databaseUrl) : 'none'
  const { databaseUrl: given = 'none' } = now
  // Runs of before do not say where their targets were.
  const isKnown = configuration.targets !== undefined
  const database =
    !isKnown || databaseUrl === given
      ? []
      : [`its --database-url was ${databaseUrl}, and this one is ${given}`]
  return [...missing, ...moved, ...database]
}

/** What decides a run, by the option that sets it. */
const SET_BY: Readonly<Record<string, keyof Configuration>> = {
  profile: 'profile',
  arms: 'arms',
  users: 'users',
  think: 'thinkMs',
  'warm-up': 'warmUpS',
  hold: 'holdS',
  timeout: 'timeoutMs',
  trials: 'trials',
  seed: 'seed',
  threshold: 'thresholdMs',
  'threshold-on': 'thresholdOn',
  search: 'search',
  'sign-in': 'signIn',
}
/** They say where the run is, or how it is described. */
const TAKEN_WITH_RESUME = new Set([
  'resume',
  'target',
  'database-url',
  'stats',
  'journey',
  'get',
  'before-trial',
  'pid',
  'check',
  'verbose',
])

/** A run keeps its own options: others would make its trials unlike. */
function otherOptions(
  { configuration }: Run,
  options: RunOptions,
  choice: TestbedChoice,
): string[] {
  const given = options.given.filter((name) => !TAKEN_WITH_RESUME.has(name))
  if (given.length === 0) return []
  const now = configurationOf(options, choice)
  return given.flatMap((name) => {
    const field = SET_BY[name]
    if (field === undefined) return [`--${name} does not go with it`]
    if (isDeepStrictEqual(now[field], configuration[field])) return []
    return [`--${name} is another than that run has; it keeps its own options, so leave it out`]
  })
}

/**
 * The run as its next trial finds it.
 *
 * @param run with its complete trials alone
 * @param at.now the same, as if it began now
 * @param at.of trials of the whole run
 * @throws UsageError naming all that the run stands on and that is another now
 */
export function resumedRun(
  folder: string,
  run: Run,
  { now, of }: Readonly<{ now: Run; of: number }>,
): Run {
  const faults = differences(foundation(run.environment), foundation(now.environment))
  if (faults.length > 0) {
    throw new UsageError([
      ...faults.map((fault) => `--resume ${folder}: ${fault}.`),
      'Its trials would be unlike: resume it on what it stands on, or begin a new run.',
    ])
  }
  const pause = `Resumed at ${now.startedAt} after ${run.trials.length} of ${of} trials.`
  const others = differences(surroundings(run.environment), surroundings(now.environment))
  return {
    ...run,
    finishedAt: null,
    pausedMs: pausedMs(run, now.startedAt),
    state: 'partial',
    warnings: [...run.warnings, pause, ...others.map((other) => `When resumed, ${other}.`)],
  }
}

/** ms since the run began, but for those of the trials that are kept: a trial that was cut is lost time too. */
function pausedMs({ startedAt, trials }: Run, now: string): number {
  const measuredMs = trials.map((trial) => {
    const last = trial.stages.at(-1)
    return last === undefined
      ? 0
      : Date.parse(last.startedAt) + 1000 * last.holdS - Date.parse(trial.startedAt)
  })
  const sinceMs = Date.parse(now) - Date.parse(startedAt)
  return Math.max(0, sinceMs - measuredMs.reduce((sum, ms) => sum + ms, 0))
}

type Facts = Readonly<Record<string, string | number | null>>

/** What decides the figures of a run, by names that a user knows. */
function foundation({ host, ...environment }: Environment): Facts {
  const { label, node, database, parts, limitCores, hosts = [] } = environment
  const entries: (readonly [string, string | number | null])[] = [
    ['the testbed', label],
    ['the CPU', host.cpuModel],
    ['the number of cores', host.cores],
    ['the memory in MB', host.memoryMb],
    ['the version of Node', node],
    ['the sum of the CPU limits in cores', limitCores],
    ['the version of the database', database.version],
    ...Object.entries(database.settings).map(
      ([name, value]) => [`the database’s ${name}`, value] as const,
    ),
    ...parts.flatMap(
      ({ name, cpuLimitCores, memoryLimitMb }) =>
        [
          [`the CPU limit of ${name} in cores`, cpuLimitCores],
          [`the memory limit of ${name} in MB`, memoryLimitMb],
        ] as const,
    ),
    ...hosts.flatMap(
      ({ name, cpuModel, cores }) =>
        [
          [`the CPU of the host ${name}`, cpuModel],
          [`the number of cores of the host ${name}`, cores],
        ] as const,
    ),
  ]
  return Object.fromEntries(entries)
}

/** What a reader should know to be another. */
const surroundings = ({ git, engine, host, parts }: Environment): Facts => ({
  'the commit': git.commit,
  'the engine': engine,
  'the kernel': host.kernel,
  ...Object.fromEntries(parts.map(({ name, imageId }) => [`the image of ${name}`, imageId])),
})

/** A number may be off by so much: what a system calls its memory changes a little from start to start. */
const NEARLY = 0.01

/** Each fact that was recorded and is another, as `the CPU limit of pooled in cores was 0.26 and is unknown`. */
function differences(before: Facts, now: Facts): string[] {
  return Object.entries(before).flatMap(([name, was]) => {
    const is = now[name] ?? null
    const isAlike =
      typeof was === 'number' && typeof is === 'number'
        ? Math.abs(was - is) <= NEARLY * Math.max(was, is)
        : was === is
    return isAlike ? [] : [`${name} was ${was ?? 'unknown'} and is ${is ?? 'unknown'}`]
  })
}
