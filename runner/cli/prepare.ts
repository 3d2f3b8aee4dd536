import { relative } from 'node:path'
import { Value } from 'typebox/value'
import { earlierCrossing, nextStep } from '../analysis/crossing/search.ts'
import { drift } from '../analysis/drift.ts'
import { hasRatio, isPreciseEnough } from '../analysis/precision.ts'
import { isPrecise, isSettled } from '../analysis/steady.ts'
import { standing } from '../analysis/standing.ts'
import { judge } from '../analysis/validity.ts'
import { checkContract } from '../contract/check.ts'
import type { Judgement } from '../experiment/trial.ts'
import { gitState } from '../git/state.ts'
import { hostEnvironment, KIT } from '../kit.ts'
import { connectionLimit } from '../load/http/descriptors.ts'
import { checkJourney } from '../load/journey-check.ts'
import { createRandom } from '../load/random.ts'
import type { Environment } from '../measurement/environment.ts'
import { Configuration, type Run, RUN_VERSION } from '../measurement/run.ts'
import type { Study } from '../measurement/study.ts'
import type { ContractFailure } from '../measurement/trial.ts'
import { planRun } from '../plan/plan.ts'
import { mostTrials, searchCeiling } from '../plan/size.ts'
import { lastCalibration } from '../results/calibration-file.ts'
import { makeFolder, READABLE, readRun } from '../results/run-folder.ts'
import { lockRun } from '../results/run-lock.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { withConnection } from '../testbed/database.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { CALIBRATION_FILE } from './calibrate.ts'
import { configurationOf } from './configuration.ts'
import { coresToShare } from './hosts.ts'
import { type RunOptions, UsageError } from './options.ts'
import { prepareResumed, type PreparedRun } from './resume.ts'
import type { TestbedChoice } from './testbeds.ts'

/**
 * @param say told of what takes seconds
 * @throws before anything is started, when the run cannot be done as asked
 */
export async function prepareRun(
  options: RunOptions,
  choice: TestbedChoice,
  study: Study | null,
  say: (text: string) => void,
): Promise<PreparedRun> {
  if (options.resume !== null) {
    // Read first: of a folder that holds no run, that is the problem.
    await readRun(options.resume)
    const lock = await lockRun(options.resume, { say })
    try {
      return { ...(await prepareResumed(options.resume, options, choice)), lock }
    } catch (error) {
      lock.release()
      throw error
    }
  }
  const configuration = withCeiling(configurationOf(options, choice), choice)
  ensureWritable(configuration)
  refuseUnreadable(configuration)
  refuseUnmet(configuration, study)
  const { trials } = planRun(configuration, createRandom(configuration.seed))
  const folder = await makeFolder(options.out, KIT, new Date().toISOString(), options.profile)
  const lock = await lockRun(folder, { say })
  return { folder, configuration, resumed: null, trials, of: trials.length, lock }
}

/** With the most users that the search may try. */
function withCeiling(configuration: Configuration, { kind }: TestbedChoice): Configuration {
  if (!configuration.search) return configuration
  const { loaders = 1 } = configuration
  const hasFrontDoor = kind === 'compose' || kind === 'swarm'
  const maxUsers = searchCeiling({ loaders, connections: connectionLimit(), hasFrontDoor })
  return { ...configuration, maxUsers }
}

/** @throws UsageError where the files of the run would grow to more than can be read back */
function refuseUnreadable(configuration: Configuration): void {
  const most = mostTrials(configuration, READABLE)
  const { trials, precision } = configuration
  if (trials <= most) return
  const option = precision === undefined ? '--trials' : '--max-trials'
  const remedy =
    most === 0
      ? 'ask for fewer arms, fewer steps or a shorter --hold'
      : `${most} have room; more have with fewer arms, fewer steps or a shorter --hold`
  throw new UsageError([
    `${option} ${trials}: the results would grow to more than can be read back. Of each arm ${remedy}.`,
  ])
}

/** @throws UsageError where a precision is asked for, and no ratio that could have it */
function refuseUnmet(configuration: Configuration, study: Study | null): void {
  if (configuration.precision === undefined || hasRatio({ configuration, study })) return
  throw new UsageError([
    '--precision is of the ratio of two arms, and this run compares none: levels of a factor are compared with ' +
      'each other in a table of their own, and one arm with nothing. Give --trials, or --arms with two arms.',
  ])
}

/**
 * What run.json cannot hold would be measured, and left out of the run.
 *
 * @throws UsageError before anything is started
 */
function ensureWritable(configuration: Configuration): void {
  const [error] = Value.Errors(Configuration, configuration)
  if (error === undefined) return
  const what = error.instancePath.slice(1).replaceAll('/', ' ')
  throw new UsageError([`What was asked for cannot be kept in run.json: ${what} ${error.message}.`])
}

/** A run without a trial: what was asked for, and what it stands on. */
export async function newRun(configuration: Configuration, testbed: Testbed): Promise<Run> {
  return {
    version: RUN_VERSION,
    startedAt: new Date().toISOString(),
    finishedAt: null,
    state: 'partial',
    configuration,
    environment: await environmentOf(configuration, testbed),
    warnings: [],
    trials: [],
    crossings: [],
    claims: [],
  }
}

async function environmentOf(configuration: Configuration, testbed: Testbed): Promise<Environment> {
  const host = hostEnvironment()
  const own = await testbed.environment(configuration.arms.map((arm) => arm.name))
  return {
    testbed: testbed.kind,
    label: testbed.label,
    host,
    ...own,
    node: process.version,
    oversubscribed: (own.limitCores ?? 0) > coresToShare(testbed, host.cores),
    database: await databaseEnvironment(testbed),
    git: await gitState(process.env['SAMEHOST_SOURCE'] ?? KIT),
    calibration: await lastCalibration(CALIBRATION_FILE, host),
  }
}

/** Settings that decide what a connection and a commit cost. */
const SETTINGS = [
  'max_connections',
  'shared_buffers',
  'fsync',
  'synchronous_commit',
  'password_encryption',
  'ssl',
  'log_connections',
  'jit',
]

async function databaseEnvironment({ database }: Testbed): Promise<Environment['database']> {
  if (database === null) return { version: null, settings: {} }
  return await withConnection(database.adminUrl, async (client) => {
    const { rows } = await client.query<{ name: string; setting: string }>(
      'SELECT name, current_setting(name) AS setting FROM pg_settings WHERE name = ANY($1)',
      [['server_version', ...SETTINGS]],
    )
    const all = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))
    const { server_version: version = null, ...settings } = all
    return { version, settings }
  })
}

/**
 * The pure functions by which the experiment decides, for this configuration.
 *
 * @param study whose arms are compared first
 */
export function judgementFor(
  configuration: Configuration,
  scenario: Pick<Scenario, 'name' | 'contract' | 'journey'>,
  study: Study | null,
): Judgement {
  return {
    judge: (measured, mode) => {
      const stage = { ...measured, drift: drift(measured.seconds) }
      return { ...stage, validity: judge(stage, { mode }) }
    },
    nextProbe: (stages, earlier) => {
      const expected = earlierCrossing(earlier, configuration)
      const step = nextStep(stages, { ...configuration, expected })
      return 'probe' in step ? step.probe : null
    },
    judgeTrial: standing,
    isSettled,
    isPrecise,
    isOver: (trials) =>
      isPreciseEnough({ configuration, study, trials: [...trials] }, configuration.precision),
    checkContract: contractSuite(scenario),
  }
}

/**
 * The suite of a scenario's contract, ready to be run against any service, and one journey by the load's own
 * client; without a contract the journey alone.
 */
export function contractSuite({
  name,
  contract,
  journey,
}: Pick<Scenario, 'name' | 'contract' | 'journey'>): (
  url: string,
  onCase?: (number: number) => void,
) => Promise<ContractFailure[]> {
  const promised = contract === null ? `the scenario ${name}` : relative(KIT, contract.path)
  return async (url, onCase) => {
    const failures = contract === null ? [] : await checkContract(url, contract, onCase)
    return failures.length > 0 ? failures : await checkJourney(url, journey, promised)
  }
}
