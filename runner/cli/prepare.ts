import { randomInt } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expectedUsers, nextStep } from '../analysis/crossing/search.ts'
import { drift } from '../analysis/drift.ts'
import { isPreciseEnough } from '../analysis/precision.ts'
import { isPrecise, isSettled } from '../analysis/steady.ts'
import { judge } from '../analysis/validity.ts'
import { checkContract, contractShapes } from '../contract/check.ts'
import type { Judgement } from '../experiment/trial.ts'
import { gitState } from '../git/state.ts'
import { hostEnvironment, KIT, readKit } from '../kit.ts'
import { createRandom, THINK_SPREAD } from '../load/random.ts'
import type { Environment } from '../measurement/environment.ts'
import { type Configuration, type Run, RUN_VERSION } from '../measurement/run.ts'
import type { ContractFailure } from '../measurement/trial.ts'
import { type Arm, chooseArms, DEFAULT_GROUP, groupNames, readArms } from '../plan/arms.ts'
import { type PlannedTrial, planRun } from '../plan/plan.ts'
import { lastCalibration } from '../results/calibration-file.ts'
import { makeFolder, readRun } from '../results/run-folder.ts'
import { openCompose, readComposeSettings, type Reporting } from '../testbed/compose/compose.ts'
import { withConnection } from '../testbed/database.ts'
import { openEmbedded } from '../testbed/embedded/embedded.ts'
import { openRemote, remoteArms } from '../testbed/remote/remote.ts'
import { openSwarm, readSwarmSettings } from '../testbed/swarm/swarm.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { CALIBRATION_FILE } from './calibrate.ts'
import { type RunOptions, UsageError } from './options.ts'

/** A run about to begin, or to go on: where it is written, and what is still to be measured. */
export type PreparedRun = Readonly<{
  folder: string
  configuration: Configuration
  /** The run that is gone on with, with its complete trials alone; null for a new one. */
  resumed: Run | null
  trials: readonly PlannedTrial[]
  /** Trials of the whole run. */
  of: number
  estimatedMs: number
}>

/** @throws before anything is started, when the run cannot be done as asked */
export async function prepareRun(options: RunOptions, choice: TestbedChoice): Promise<PreparedRun> {
  if (options.resume !== null) return await prepareResumed(options.resume, choice)
  const configuration = configurationOf(options, choice.arms)
  const { trials, estimatedMs } = planRun(configuration, createRandom(configuration.seed))
  const folder = await makeFolder(options.out, KIT, new Date().toISOString(), options.profile)
  return { folder, configuration, resumed: null, trials, of: trials.length, estimatedMs }
}

/**
 * Goes on with the first trial that is not complete: a trial that was cut is taken anew, since its
 * database is gone. The plan is that of the run, which its seed gives again.
 */
async function prepareResumed(folder: string, choice: TestbedChoice): Promise<PreparedRun> {
  const run = await readRun(folder)
  const { configuration, environment } = run
  const missing = configuration.arms.filter(
    ({ name }) => !choice.arms.some((arm) => arm.name === name),
  )
  const faults = [
    ...(environment.testbed === choice.kind
      ? []
      : [`that run is of the testbed ${environment.testbed}, this is ${choice.kind}`]),
    ...missing.map(({ name }) => `there is no arm ${name} here`),
  ]
  if (faults.length > 0)
    throw new UsageError(faults.map((fault) => `--resume ${folder}: ${fault}.`))

  const { trials, estimatedMs } = planRun(configuration, createRandom(configuration.seed))
  const kept = run.trials.filter((trial) => trial.state === 'complete')
  const left = trials.filter(({ order }) => !kept.some((trial) => trial.order === order))
  return {
    folder,
    configuration,
    resumed: { ...run, trials: kept },
    trials: left,
    of: trials.length,
    estimatedMs: (estimatedMs * left.length) / trials.length,
  }
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
  open(asked: readonly string[], reporting: Reporting): Promise<Testbed>
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
    return { kind: 'remote', arms, open: () => openRemote(targets, databaseUrl, stats) }
  }
  const arms = readArms(readKit('compose.yaml'), readKit)
  if (env['SAMEHOST_TESTBED'] === 'compose') {
    const settings = readComposeSettings(env)
    return {
      kind: 'compose',
      arms,
      open: (asked, reporting) => openCompose(settings, arms, asked, reporting),
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
  return { kind: 'embedded', arms: runnable, open: () => openEmbedded(runnable) }
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
    ...(options.search && options.control ? { control: true } : {}),
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
  return (url, onCase) => checkContract(url, shapes, onCase)
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
