import { rmdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { warmUp } from '../calibration/warm-up.ts'
import { settle } from '../experiment/before-load.ts'
import { unlessAborted } from '../experiment/unless-aborted.ts'
import { hostEnvironment } from '../kit.ts'
import { measureIdleDelay } from '../load/event-loop.ts'
import { descriptorWarning } from '../load/http/descriptors.ts'
import { type Loaders, startLoaders } from '../load/loaders.ts'
import type { Configuration } from '../measurement/run.ts'
import type { Study } from '../measurement/study.ts'
import { estimatedMs } from '../plan/plan.ts'
import { CLOCK } from '../experiment/clock.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { beginFile, NothingMeasured, unlessInterrupted } from './begin-run.ts'
import { askOn, busyMachine } from './busy-machine.ts'
import { endWithinLimit, INTERRUPTED, onInterrupt, StrayError } from './ending.ts'
import { finishRun } from './finish-run.ts'
import { measureTrials } from './measure-trials.ts'
import { readRunOptions, type RunOptions, UsageError } from './options.ts'
import { judgementFor, prepareRun } from './prepare.ts'
import { startProgress } from './progress.ts'
import type { PreparedRun } from './resume.ts'
import { progressOutput, say } from './screen.ts'
import { chooseTestbed, type TestbedChoice } from './testbeds.ts'

/**
 * The default command: plan, measure, judge, report.
 *
 * @param lookFirst throws where there is nothing to measure, before anything is made
 * @returns the exit code
 */
export async function measureRun(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  study: Study | null,
  lookFirst: (options: RunOptions, choice: TestbedChoice) => Promise<void> = async () => {},
): Promise<number> {
  const options = readRunOptions(args, env, study)
  if (!('profile' in options)) throw new UsageError(options)
  const choice = await chooseTestbed(options, env)
  await lookFirst(options, choice)
  const prepared = await prepareRun(options, choice, study, say)
  using interrupt = onInterrupt()
  try {
    return await measureInto(prepared, { options, choice, env, study, signal: interrupt.signal })
  } catch (error) {
    if (!(error instanceof NothingMeasured)) throw error
    const { reason } = interrupt.signal
    if (reason instanceof StrayError) throw reason
    say('INTERRUPTED before anything was measured: there are no results.')
    return INTERRUPTED
  } finally {
    prepared.lock.release()
    // An empty folder tells nobody anything; one that holds a file stays.
    if (options.out === null) await rmdir(prepared.folder).catch(() => {})
  }
}

type Setting = Readonly<{
  options: RunOptions
  choice: TestbedChoice
  env: NodeJS.ProcessEnv
  study: Study | null
  signal: AbortSignal
}>

/** Opens the loaders and the testbed, measures, reports, and closes both. @returns the exit code */
async function measureInto(
  prepared: PreparedRun,
  { options, choice, env, study, signal }: Setting,
): Promise<number> {
  const { warnings, warn } = createWarnings()
  await using loaders = await loadersFor(prepared.configuration, warn)
  say('Warming up the instrument …')
  await warmUp(loaders)
  if (signal.aborted) throw new NothingMeasured()
  say('Starting the testbed …')
  const asked = prepared.configuration.arms.map(({ name }) => name)
  const opening = { warn, say, signal, loaders: loaders?.pids }
  const testbed = await opened(choice.open(asked, opening), signal)
  const { scenario } = choice
  const without = withoutContract(choice.kind, scenario, options)
  if (without !== null) warn(without)
  let code = 1
  try {
    const ask = askOn(process, signal)
    const read = () => settle(CLOCK, signal)
    const machine = busyMachine({ cores: hostEnvironment().cores, read, warn, ask })
    if (!(await unlessInterrupted(machine.before(), signal))) throw new NothingMeasured()
    const file = await beginFile(prepared, {
      testbed,
      scenario,
      study,
      options,
      env,
      warnings,
      warn,
      signal,
    })
    const { configuration } = file.run()
    const aboutMs = estimatedMs(configuration, prepared.trials.length)
    const { isWhole } = await measureTrials(file, prepared, {
      testbed,
      scenario,
      beforeTrial: options.beforeTrial,
      loaders,
      machine,
      signal,
      studied: study?.hosts,
      clock: CLOCK,
      judgement: judgementFor(configuration, scenario, study),
      tell: startProgress(progressOutput(process), aboutMs, CLOCK.nowMs),
      idleDelayP99Ms: await measureIdleDelay(),
    })
    const isStray = signal.reason instanceof StrayError
    const failed = isStray && file.run().trials.some(({ state }) => state !== 'complete')
    const how = { options, env, study, warnings, interrupted: !isWhole && !failed, isCut: !isWhole }
    code = await finishRun(file, prepared.folder, how)
    if (isStray) code = 1
    return code
  } finally {
    using _ = endWithinLimit(code)
    await testbed.close()
  }
}

/** What a run of the user's own journey does not have; null where it has all. */
function withoutContract(
  kind: TestbedChoice['kind'],
  { name, database, contract }: TestbedChoice['scenario'],
  { beforeTrial }: Pick<RunOptions, 'beforeTrial'>,
): string | null {
  if (kind !== 'remote' || (database !== null && contract !== null)) return null
  const reset =
    beforeTrial === null
      ? 'what one trial stores the next one finds (--before-trial COMMAND resets it)'
      : 'what a trial begins with is by its command'
  const stored =
    database === null ? `No database is recreated, nothing is audited, and ${reset}. ` : ''
  return (
    `${stored}The journey ${name} names no contract: its answers alone are checked, not which process ` +
    'gives them.'
  )
}

/** Says each warning once, and keeps it. */
function createWarnings() {
  const warnings: string[] = []
  const warn = (warning: string): void => {
    if (warnings.includes(warning)) return
    warnings.push(warning)
    say(warning)
  }
  return { warnings, warn }
}

/** The processes that share the users, where they are asked for. */
async function loadersFor(
  { users, loaders: count = 1 }: Configuration,
  warn: (warning: string) => void,
): Promise<Loaders | null> {
  const short = descriptorWarning(Math.ceil(Math.max(...users) / count))
  if (short !== null) warn(short)
  if (count === 1) return null
  const cores = availableParallelism()
  if (count > cores) {
    warn(`${count} loaders share ${cores} cores: each is measured waiting for the others.`)
  }
  return await startLoaders(count)
}

/**
 * The testbed, or none if the signal comes before it is ready: what is still starting then is closed again.
 *
 * @throws NothingMeasured
 */
async function opened(opening: Promise<Testbed>, signal: AbortSignal): Promise<Testbed> {
  try {
    return await unlessAborted(opening, signal)
  } catch (error) {
    if (!signal.aborted) throw error
    using _ = endWithinLimit(INTERRUPTED)
    await opening.then(
      (testbed) => testbed.close(),
      () => {},
    )
    throw new NothingMeasured()
  }
}
