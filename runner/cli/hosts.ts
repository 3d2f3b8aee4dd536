import { join } from 'node:path'
import {
  applyHosts,
  fitToStudy,
  hostsAsAsked,
  hostsByYardstick,
  pilotCeiling,
} from '../experiment/hosts.ts'
import { hostEnvironment, KIT } from '../kit.ts'
import type { Configuration } from '../measurement/run.ts'
import type { Study } from '../measurement/study.ts'
import type { Arm } from '../plan/arms.ts'
import {
  CPU_PERIOD_US,
  type Hosts,
  hostsText,
  hostsWord,
  mostSpeed,
  poolAmong,
  rampFactorOf,
  scaledRamp,
  usersOfStudy,
} from '../plan/hosts.ts'
import { inTurn } from '../plan/plan.ts'
import { keepFit, knownFit } from '../results/hosts-file.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { type RunOptions, UsageError } from './options.ts'

const OWN_FIT = join(KIT, 'results', 'hosts.json')
const COMMITTED_FIT = join(KIT, 'results', 'reference-hosts.json')

type Setting = Readonly<{
  study: Study | null
  testbed: Testbed
  scenario: Scenario
  say: (text: string) => void
  signal: AbortSignal
}>

/**
 * The configuration with the hosts that were asked for, and with a ramp in users of this machine: both
 * may need a pilot, so the testbed is open. A run that is resumed has both already.
 *
 * @throws UsageError where this testbed cannot limit its hosts, or the study's speed is not known
 */
export async function withHosts(
  { hosts: request, scaled }: Pick<RunOptions, 'hosts' | 'scaled'>,
  configuration: Configuration,
  setting: Setting,
): Promise<Configuration> {
  const { testbed, study, say } = setting
  if (request !== null && testbed.hosts === null)
    throw new UsageError([
      `--hosts ${hostsWord(request)}: this testbed (${testbed.label}) ` +
        'cannot limit its hosts. `docker compose up bench` can, or leave the option out.',
    ])
  const hosts = await hostsOf(request, configuration, setting)
  const most = testbed.hosts?.mostCores ?? Infinity
  if (hosts && hosts.dbCores > most)
    throw new UsageError([
      `--hosts ${hosts.kind === 'speed' ? hosts.speed : hosts.kind}: the database would have ${hosts.dbCores} ` +
        `cores, and there is a quota of ${most} for all. Give a speed of ${mostSpeed(most)} at most, or none.`,
    ])
  if (hosts) {
    await setHosts(testbed, { ...configuration, hosts })
    say(`Measuring on ${hostsText(hosts, [], study)}.`)
  }
  if (scaled && hosts && request?.kind === 'studied')
    return { ...withRamp(configuration, request.study.ramp.users), hosts }
  const pilotArm = scaled ? referenceArm(configuration, testbed) : null
  if (pilotArm === null) return { ...configuration, ...(hosts ? { hosts } : {}) }
  const pilot = pilotOf(pilotArm, configuration, setting)
  const ceilingPerS = await pilotCeiling(pilot, hosts)
  const rampFactor = rampFactorOf(ceilingPerS, configuration)
  const users = scaledRamp(configuration.users, rampFactor)
  say(
    `${pilotArm.name} serves about ${ceilingPerS.toFixed(0)} requests/s here${besideStudy(rampFactor, study)} ` +
      `the ramp is ${users.join(', ')} users.`,
  )
  return { ...configuration, ...(hosts ? { hosts } : {}), users, rampFactor }
}

function besideStudy(rampFactor: number, study: Study | null): string {
  if (study === null) return ':'
  const { name, hosts } = study
  return `, ${name}’s ${hosts.armText} ${hosts.ceilingPerS}: one of its users is ${usersOfStudy(rampFactor, study)} here, and`
}

/** With another ramp, whose steps the trials take in turn if they did with the one before. */
function withRamp(configuration: Configuration, users: readonly number[]): Configuration {
  const { stepsPerTrial, ...others } = configuration
  const ramp = { ...others, users: [...users] }
  return stepsPerTrial === undefined ? ramp : { ...ramp, ...inTurn(ramp, stepsPerTrial) }
}

/** The machine's, or those of a container or CI job that has a quota of its own. @param cores of the machine */
export const coresToShare = ({ hosts }: Pick<Testbed, 'hosts'>, cores: number): number =>
  Math.min(cores, hosts?.mostCores ?? cores)

/**
 * Sets the hosts of a run, where the testbed can. Each trial sets them again; from here on they are what the
 * environment of the run is read with.
 */
export async function setHosts(
  testbed: Testbed,
  { hosts, arms }: Pick<Configuration, 'hosts' | 'arms'>,
): Promise<void> {
  if (hosts === undefined || testbed.hosts === null) return
  for (const arm of testbed.arms)
    if (arms.some(({ name }) => name === arm.name)) await applyHosts(testbed, arm, hosts)
}

async function hostsOf(
  request: RunOptions['hosts'],
  configuration: Configuration,
  setting: Setting,
): Promise<Hosts | undefined> {
  const { testbed, say } = setting
  const host = hostEnvironment()
  const cores = coresToShare(testbed, host.cores)
  const asked = request ?? (testbed.hosts === null ? null : ({ kind: 'fit' } as const))
  if (asked === null) return undefined
  if (asked.kind !== 'studied') return hostsAsAsked(asked, cores)
  const { study } = asked
  const fitted = study.hosts.arm
  const known = await knownFit([OWN_FIT, COMMITTED_FIT], CPU_PERIOD_US)
  const arm = fittedArm(fitted, configuration, testbed)
  if (arm !== null) {
    const pilot = pilotOf(arm, configuration, setting)
    const hosts = await fitToStudy(pilot, study, known, { cores, say })
    const { speed, periodUs, fit } = hosts
    // With something changed its speed is no other run's to begin from.
    if (fit?.ceilingPerS && arm.name === fitted)
      await keepFit(OWN_FIT, host, {
        at: new Date().toISOString(),
        arm: arm.name,
        speed,
        ceilingPerS: fit.ceilingPerS,
        yardstickMs: fit.yardstickMs,
        periodUs,
      })
    return hosts
  }
  if (known !== null) return hostsByYardstick(known, study)
  throw new UsageError([
    `--hosts ${study.id}: the speed is fitted by ${fitted}, which is not among the arms, and no fit of ` +
      `another run is kept. \`HOSTS=${study.id} ARMS=${fitted} docker compose up bench\` makes one.`,
  ])
}

const pilotOf = (
  arm: Arm,
  { timeoutMs, seed }: Configuration,
  { testbed, scenario, signal }: Setting,
) => ({
  testbed,
  journey: scenario.journey,
  arm,
  timeoutMs,
  seed,
  signal,
})

/** The arm whose ceiling scales the ramp; null on hosts that are not the kit's to try. */
function referenceArm({ arms }: Configuration, testbed: Testbed): Arm | null {
  if (testbed.kind === 'remote') return null
  const modes = new Map(testbed.arms.map(({ name, mode }) => [name, mode]))
  const pool = poolAmong(arms, modes)
  return testbed.arms.find(({ name }) => name === pool) ?? null
}

/** The arm whose ceiling is fitted, or the only one that was changed from it: of several none stands for it. */
function fittedArm(fitted: string, { arms }: Configuration, testbed: Testbed): Arm | null {
  const own = arms.filter(({ name }) => name === fitted)
  const changed = arms.filter(({ from }) => from === fitted)
  const [arm, ...others] = own.length > 0 ? own : changed
  if (arm === undefined || others.length > 0) return null
  const found = testbed.arms.find(({ name }) => name === arm.name)
  // One with a CPU limit of its own is as fast on any hosts.
  return found?.limits?.cpu ? null : (found ?? null)
}
