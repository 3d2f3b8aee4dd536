import { randomInt } from 'node:crypto'
import { withoutCredentials, withoutSecrets } from '../foreign/address.ts'
import { THINK_SPREAD } from '../load/random.ts'
import type { Configuration } from '../measurement/run.ts'
import { chooseArms, DEFAULT_GROUP } from '../plan/arms.ts'
import { inTurn } from '../plan/plan.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { unknownArms } from './nearest.ts'
import { Faults, thinkRange } from './option-values.ts'
import { type RunOptions, UsageError } from './options.ts'
import type { TestbedChoice } from './testbeds.ts'

/**
 * What the run will do, on the arms that this testbed has.
 *
 * @throws UsageError naming every arm that is not there
 */
export function configurationOf(
  options: RunOptions,
  choice: Pick<TestbedChoice, 'arms' | 'containerOnly' | 'scenario'>,
): Configuration {
  const words = options.arms ?? [DEFAULT_GROUP]
  const { arms, unknown } = chooseArms(words, choice.arms)
  if (unknown.length > 0) {
    const inCompose = () => `ARMS=${words.join(',')} docker compose up --build bench`
    const faults = unknownArms(unknown, choice, inCompose)
    throw new UsageError(faults.map((fault) => `--arms: ${fault}`))
  }
  if (options.signIn && choice.scenario.journey.signIn === null) {
    const { name } = choice.scenario
    throw new UsageError([
      `--sign-in: users of the scenario ${name} do not sign in. Give --no-sign-in.`,
    ])
  }
  const { stepsPerTrial } = options
  const thinkMs = thinkOf(options, choice.scenario)
  const spread = stepsPerTrial !== null && options.search ? inTurn(options, stepsPerTrial) : {}
  return {
    profile: options.profile,
    arms: arms.map(({ name, mode, factor }) => ({ name, mode, ...factor })),
    ...remoteOf(options),
    scenario: { name: choice.scenario.name, endpoints: [...choice.scenario.journey.endpoints] },
    users: [...options.users],
    ...spread,
    thinkMs,
    ...(thinkMs.min === thinkMs.max ? { thinkSpread: THINK_SPREAD } : {}),
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
    ...(options.search && options.control && !spread.stepsPerTrial ? { control: true } : {}),
    ...(options.startMs > 0 ? { startS: options.startMs / 1000 } : {}),
    ...(options.precision === null ? {} : { precision: options.precision }),
    search: options.search,
    ...(options.signIn ? { signIn: true } : {}),
    ...(choice.scenario.contract === null ? {} : { answers: 'whole' }),
    ...(options.loaders === 1 ? {} : { loaders: options.loaders }),
  }
}

/** The pauses: of the command line, else of the journey, else of the profile. */
function thinkOf(
  { given, thinkMs }: Pick<RunOptions, 'given' | 'thinkMs'>,
  { think }: Pick<Scenario, 'think'>,
): Configuration['thinkMs'] {
  if (think === null || given.includes('think')) return thinkMs
  const faults = new Faults()
  const own = thinkRange(faults, 'think', think)
  if (own === undefined || faults.all.length > 0)
    throw new UsageError(faults.all.map((fault) => `The journey: ${fault}`))
  return own
}

/** Where the remote testbed is, for the command that does the run again. Credentials are kept nowhere. */
export function remoteOf({
  targets,
  databaseUrl,
  stats,
  journey,
  paths,
  beforeTrial,
}: RunOptions): Pick<
  Configuration,
  'targets' | 'databaseUrl' | 'stats' | 'journey' | 'paths' | 'beforeTrial'
> {
  const withoutAny = ({ name, url }: Readonly<{ name: string; url: string }>) => ({
    name,
    url: withoutSecrets(url),
  })
  return {
    ...(stats.length === 0 ? {} : { stats: stats.map(withoutAny) }),
    ...(targets.length === 0 ? {} : { targets: targets.map(withoutAny) }),
    ...(databaseUrl === null ? {} : { databaseUrl: withoutSecrets(databaseUrl) }),
    ...(journey === null ? {} : { journey }),
    ...(paths.length === 0 ? {} : { paths: paths.map(withoutCredentials) }),
    ...(beforeTrial === null ? {} : { beforeTrial: withoutCredentials(beforeTrial) }),
  }
}
