import { isDeepStrictEqual } from 'node:util'
import { createRandom } from '../load/random.ts'
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
  const missing = configuration.arms
    .filter(({ name }) => !choice.arms.some((arm) => arm.name === name))
    .map(({ name }) => `there is no arm ${name} here`)
  const now = remoteOf(options)
  const moved = (configuration.targets ?? []).flatMap(({ name, url }) => {
    const given = now.targets?.find((target) => target.name === name)
    if (given === undefined || given.url === url) return []
    return [`it measured ${name} at ${url}, and --target says ${given.url}`]
  })
  const { databaseUrl = 'none' } = configuration
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
}
/** They say where the run is, or how it is described. */
const TAKEN_WITH_RESUME = new Set(['resume', 'target', 'database-url', 'check', 'verbose'])

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
