import { randomInt } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { expectedUsers, nextStep } from '../analysis/crossing/search.ts'
import { drift } from '../analysis/drift.ts'
import { isPreciseEnough } from '../analysis/precision.ts'
import { isPrecise, isSettled } from '../analysis/steady.ts'
import { judge } from '../analysis/validity.ts'
import { checkContract, contractShapes } from '../contract/check.ts'
import { checkJourney } from '../load/journey-check.ts'
import type { Judgement } from '../experiment/trial.ts'
import { gitState } from '../git/state.ts'
import { hostEnvironment, KIT, readKit } from '../kit.ts'
import { createRandom, THINK_SPREAD } from '../load/random.ts'
import type { Environment } from '../measurement/environment.ts'
import { type Configuration, type Run, RUN_VERSION } from '../measurement/run.ts'
import type { ContractFailure, Trial } from '../measurement/trial.ts'
import { type Arm, chooseArms, DEFAULT_GROUP, groupNames, readArms } from '../plan/arms.ts'
import { shellQuoted } from '../plan/options.ts'
import { type PlannedTrial, planRun } from '../plan/plan.ts'
import { lastCalibration } from '../results/calibration-file.ts'
import { makeFolder, readRun } from '../results/run-folder.ts'
import { lockRun, type RunLock } from '../results/run-lock.ts'
import { openCompose, readComposeSettings } from '../testbed/compose/compose.ts'
import { withConnection } from '../testbed/database.ts'
import { openEmbedded } from '../testbed/embedded/embedded.ts'
import { openRemote, remoteArms } from '../testbed/remote/remote.ts'
import { openSwarm, readSwarmSettings } from '../testbed/swarm/swarm.ts'
import type { Opening, Testbed } from '../testbed/testbed.ts'
import { CALIBRATION_FILE } from './calibrate.ts'
import { type RunOptions, UsageError } from './options.ts'

/** A run about to begin, or to be resumed: where it is written, and what is still to be measured. */
export type PreparedRun = Readonly<{
  folder: string
  configuration: Configuration
  /** The run that is resumed, with its complete trials alone; null for a new one. */
  resumed: Run | null
  trials: readonly PlannedTrial[]
  /** Trials of the whole run. */
  of: number
  estimatedMs: number
  /** On the folder: this process alone writes into it. */
  lock: RunLock
}>

/** @throws before anything is started, when the run cannot be done as asked */
export async function prepareRun(options: RunOptions, choice: TestbedChoice): Promise<PreparedRun> {
  if (options.resume !== null) {
    // Read first: of a folder that holds no run, that is the problem.
    await readRun(options.resume)
    const lock = await lockRun(options.resume)
    try {
      return { ...(await prepareResumed(options.resume, options, choice)), lock }
    } catch (error) {
      lock.release()
      throw error
    }
  }
  const configuration = configurationOf(options, choice.arms)
  const { trials, estimatedMs } = planRun(configuration, createRandom(configuration.seed))
  const folder = await makeFolder(options.out, KIT, new Date().toISOString(), options.profile)
  const lock = await lockRun(folder)
  return { folder, configuration, resumed: null, trials, of: trials.length, estimatedMs, lock }
}

/**
 * Continues with the first trial that is not complete: a trial that was cut is repeated, since its
 * database is gone. The plan is that of the run, which its seed gives again.
 */
async function prepareResumed(
  folder: string,
  options: RunOptions,
  choice: TestbedChoice,
): Promise<Omit<PreparedRun, 'lock'>> {
  const run = await readRun(folder)
  const { configuration } = run
  const { trials, estimatedMs } = planRun(configuration, createRandom(configuration.seed))
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
    estimatedMs: (estimatedMs * left.length) / trials.length,
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
  const now = configurationOf(options, choice.arms)
  return given.flatMap((name) => {
    const field = SET_BY[name]
    if (field === undefined) return [`--${name} does not go with it`]
    if (isDeepStrictEqual(now[field], configuration[field])) return []
    return [`--${name} is another than that run has; it keeps its own options, so leave it out`]
  })
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
    oversubscribed: (own.limitCores ?? 0) > host.cores,
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

/** A testbed before anything of it is started: enough to refuse what cannot be done on it. */
export type TestbedChoice = Readonly<{
  kind: Environment['testbed']
  arms: readonly Arm[]
  /** @param asked the arms that will be measured */
  open(asked: readonly string[], opening: Opening): Promise<Testbed>
}>

/**
 * The testbed that fits: `remote` where targets are named, `compose` inside the container of
 * compose.yaml, else `embedded`.
 */
export async function chooseTestbed(
  {
    targets,
    databaseUrl,
    stats,
  }: Pick<RunOptions, 'targets' | 'databaseUrl'> & Partial<Pick<RunOptions, 'stats'>>,
  env: NodeJS.ProcessEnv,
): Promise<TestbedChoice> {
  if (targets.length > 0) {
    const arms = remoteArms(targets)
    return {
      kind: 'remote',
      arms,
      open: (_, opening) => openRemote(targets, databaseUrl, stats ?? [], opening),
    }
  }
  const arms = readArms(readKit('compose.yaml'), readKit)
  if (env['SAMEHOST_TESTBED'] === 'compose') {
    const settings = readComposeSettings(env)
    return {
      kind: 'compose',
      arms,
      open: (asked, opening) => openCompose(settings, arms, asked, opening),
    }
  }
  if (env['SAMEHOST_TESTBED'] === 'swarm') {
    const settings = readSwarmSettings(env)
    return {
      kind: 'swarm',
      arms,
      open: (asked, reporting) => openSwarm(settings, arms, asked, reporting),
    }
  }
  const runnable = arms.filter((arm) => arm.entry !== null)
  return { kind: 'embedded', arms: runnable, open: (_, opening) => openEmbedded(runnable, opening) }
}

/** The pure functions by which the experiment decides, for this configuration. */
export async function judgementFor(configuration: Configuration): Promise<Judgement> {
  return {
    judge: (measured, mode) => {
      const stage = { ...measured, drift: drift(measured.seconds) }
      return { ...stage, validity: judge(stage, { mode }) }
    },
    nextProbe: (stages, earlier) => {
      const expected = expectedUsers(earlier, configuration)
      const step = nextStep(stages, { ...configuration, expected })
      return 'probe' in step ? step.probe : null
    },
    isSettled,
    isPrecise,
    isOver: (trials) =>
      isPreciseEnough({ configuration, trials: [...trials] }, configuration.precision),
    checkContract: await contractSuite(),
  }
}

/**
 * What the run will do, on the arms that this testbed has.
 *
 * @throws UsageError naming every arm that is not there
 */
function configurationOf(options: RunOptions, available: readonly Arm[]): Configuration {
  const { arms, unknown } = chooseArms(options.arms ?? [DEFAULT_GROUP], available)
  if (unknown.length > 0) {
    const names = available.map((arm) => arm.name)
    const known = [...names, ...groupNames(available)].join(', ')
    throw new UsageError([`--arms: there is no ${unknown.join(', ')} here. There is ${known}.`])
  }
  return {
    profile: options.profile,
    arms: arms.map(({ name, mode, factor }) => ({ name, mode, ...factor })),
    ...remoteOf(options),
    users: [...options.users],
    thinkMs: options.thinkMs,
    ...(options.thinkMs.min === options.thinkMs.max ? { thinkSpread: THINK_SPREAD } : {}),
    warmUpS: options.warmUpMs / 1000,
    holdS: options.holdMs / 1000,
    ...(options.warmUpMostMs > options.warmUpMs
      ? { warmUpMostS: options.warmUpMostMs / 1000 }
      : {}),
    ...(options.holdMostMs > options.holdMs ? { holdMostS: options.holdMostMs / 1000 } : {}),
    timeoutMs: options.timeoutMs,
    trials: options.trials,
    seed: options.seed ?? randomInt(2 ** 32),
    thresholdMs: options.thresholdMs,
    thresholdOn: options.thresholdOn,
    nearStages: options.nearStages,
    ...(options.search ? { maxProbes: options.maxProbes } : {}),
    ...(options.search && options.control ? { control: true } : {}),
    ...(options.startMs > 0 ? { startS: options.startMs / 1000 } : {}),
    ...(options.precision === null ? {} : { precision: options.precision }),
    search: options.search,
    ...(options.loaders === 1 ? {} : { loaders: options.loaders }),
  }
}

/** Where the remote testbed is, for the command that does the run again. Credentials are kept nowhere. */
function remoteOf({
  targets,
  databaseUrl,
  stats,
}: RunOptions): Pick<Configuration, 'targets' | 'databaseUrl' | 'stats'> {
  const withoutAny = ({ name, url }: Readonly<{ name: string; url: string }>) => ({
    name,
    url: withoutSecrets(url),
  })
  return {
    ...(stats.length === 0 ? {} : { stats: stats.map(withoutAny) }),
    ...(targets.length === 0 ? {} : { targets: targets.map(withoutAny) }),
    ...(databaseUrl === null ? {} : { databaseUrl: withoutSecrets(databaseUrl) }),
  }
}

/** A user name stays only where it names a role of a database. */
function withoutSecrets(text: string): string {
  const url = new URL(text)
  url.password = ''
  if (url.protocol.startsWith('http')) url.username = ''
  return url.href.replace(/\/$/, '')
}

/** The suite of services/contract.yaml, ready to be run against any service. */
export async function contractSuite(): Promise<
  (url: string, onCase?: (number: number) => void) => Promise<ContractFailure[]>
> {
  const shapes = contractShapes(await readFile(`${KIT}services/contract.yaml`, 'utf8'))
  return async (url, onCase) => {
    const failures = await checkContract(url, shapes, onCase)
    return failures.length > 0 ? failures : await checkJourney(url)
  }
}

/**
 * Is the runner in its image another than the one in the checkout? `docker compose up` does not build
 * again what was built once, so a change may be measured that is not there.
 *
 * @param kit the root of the kit in the image
 * @param source the checkout, as mounted
 * @returns a warning with its remedy, or null
 */
export async function staleImageWarning(kit: string, source: string): Promise<string | null> {
  const entries = ['compose', 'nginx', 'runner'].map((folder) =>
    readdir(join(kit, folder), { recursive: true, withFileTypes: true }),
  )
  const files = (await Promise.all(entries))
    .flat()
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(kit.length))
  const all = [...files, 'compose.yaml', 'services/contract.yaml', 'sql/schema.sql', 'sql/seed.sql']
  for (const file of all) {
    const [built, checkedOut] = await Promise.all(
      [kit, source].map((root) => readFile(join(root, file)).catch(() => null)),
    )
    if (built && checkedOut?.equals(built)) continue
    return `The images are not of this checkout (${file} differs): run \`docker compose build\`.`
  }
  return null
}
