import { KIT } from '../kit.ts'
import type { Configuration } from '../measurement/run.ts'
import type { Study } from '../measurement/study.ts'
import { estimatedMs, formatDuration } from '../plan/plan.ts'
import { ceilingText } from '../plan/size.ts'
import { openRunFile, type RunFile } from '../results/run-folder.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { setHosts, withHosts } from './hosts.ts'
import { checkLevels } from './levels.ts'
import type { RunOptions } from './options.ts'
import { newRun } from './prepare.ts'
import { type PreparedRun, resumedRun } from './resume.ts'
import { say } from './screen.ts'
import { staleImageWarning } from './testbeds.ts'

/** The signal came before there was a run to keep. */
export class NothingMeasured extends Error {}

type Beginning = Readonly<{
  testbed: Testbed
  scenario: Scenario
  study: Study | null
  options: RunOptions
  env: NodeJS.ProcessEnv
  warnings: readonly string[]
  warn: (warning: string) => void
  signal: AbortSignal
}>

/** The files of the run before its first, or its next, trial. */
export async function beginFile(
  prepared: PreparedRun,
  { testbed, scenario, study, options, env, warnings, warn, signal }: Beginning,
): Promise<RunFile> {
  const { folder, trials, of } = prepared
  const source = env['SAMEHOST_SOURCE']
  const stale = source === undefined ? null : await staleImageWarning(KIT, source)
  if (stale !== null) warn(stale)
  const configuration = await readyForTrials(options, prepared, {
    testbed,
    scenario,
    study,
    say,
    warn,
    signal,
  })
  const now = await newRun(configuration, testbed)
  const start = prepared.resumed === null ? now : resumedRun(folder, prepared.resumed, { now, of })
  if (start.environment.git.commit === null) warn(noCommit(source ?? KIT))
  const file = await openRunFile(folder, { ...start, warnings: [...start.warnings, ...warnings] })
  const count = `${trials.length} of ${of} trials`
  const names = configuration.arms.map(({ name }) => name).join(', ')
  const about = formatDuration(estimatedMs(configuration, trials.length))
  say(`${names} on ${testbed.label}; ${count}, about ${about}.${ceilingText(configuration)}`)
  return file
}

/**
 * The configuration of a run whose levels are what they were told to be.
 *
 * @throws NothingMeasured where the signal ends that, or the pilot by which the hosts or the ramp are found
 */
async function readyForTrials(
  options: RunOptions,
  { configuration, resumed }: PreparedRun,
  setting: Parameters<typeof withHosts>[2] & Parameters<typeof checkLevels>[1],
): Promise<Configuration> {
  await unlessInterrupted(checkLevels(configuration, setting), setting.signal)
  if (resumed !== null) {
    await setHosts(setting.testbed, configuration)
    return configuration
  }
  return await unlessInterrupted(withHosts(options, configuration, setting), setting.signal)
}

/** @throws NothingMeasured where the signal ended it */
export async function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw signal.aborted ? new NothingMeasured() : error
  }
}

const noCommit = (folder: string): string =>
  `The commit of ${folder} is not known (no git checkout, or its .git leads out of what can be read ` +
  'here): run.json cannot say what was measured. Measure from a clone.'
