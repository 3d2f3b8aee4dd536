import { rmdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { warmUp } from '../calibration/warm-up.ts'
import { settle } from '../experiment/before-load.ts'
import { runExperiment } from '../experiment/experiment.ts'
import { unlessAborted } from '../experiment/unless-aborted.ts'
import { printable } from '../foreign/printable.ts'
import { hostEnvironment, KIT } from '../kit.ts'
import { descriptorWarning } from '../load/http/descriptors.ts'
import { type Loaders, startLoaders } from '../load/loaders.ts'
import type { Configuration, Run } from '../measurement/run.ts'
import type { HostState } from '../measurement/trial.ts'
import { shellQuoted } from '../plan/options.ts'
import { estimatedMs, formatDuration } from '../plan/plan.ts'
import { ceilingText } from '../plan/size.ts'
import { openRunFile, type RunFile } from '../results/run-folder.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { askOn, busyMachine } from './busy-machine.ts'
import { endWithinLimit, INTERRUPTED, onInterrupt, StrayError } from './ending.ts'
import { coresToShare, setHosts, withHosts } from './hosts.ts'
import { checkLevels } from './levels.ts'
import { readRunOptions, type RunOptions, UsageError } from './options.ts'
import { exitCodeOf, outcomeLine } from './outcome.ts'
import { judgementFor, newRun, prepareRun } from './prepare.ts'
import { startProgress } from './progress.ts'
import { type PreparedRun, resumedRun } from './resume.ts'
import { progressOutput } from './screen.ts'
import { notesOf } from './trial-notes.ts'
import { chooseTestbed, staleImageWarning, type TestbedChoice } from './testbeds.ts'

/** The default command: plan, measure, judge, report. @returns the exit code */
export async function measureRun(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const options = readRunOptions(args, env)
  if (!('profile' in options)) throw new UsageError(options)
  const choice = await chooseTestbed(options, env)
  const prepared = await prepareRun(options, choice, say)
  using interrupt = onInterrupt()
  try {
    return await measureInto(prepared, { options, choice, env, signal: interrupt.signal })
  } catch (error) {
    if (!(error instanceof NothingMeasured)) throw error
    const { reason } = interrupt.signal
    if (reason instanceof StrayError) throw reason
    say('INTERRUPTED before anything was measured: there are no results.')
    return INTERRUPTED
  } finally {
    prepared.lock.release()
    // A folder of which nothing came tells nobody anything; one that holds a file stays.
    if (options.out === null) await rmdir(prepared.folder).catch(() => {})
  }
}

/** The signal came before there was a run to keep. */
class NothingMeasured extends Error {}

type Setting = Readonly<{
  options: RunOptions
  choice: TestbedChoice
  env: NodeJS.ProcessEnv
  signal: AbortSignal
}>

async function measureInto(
  prepared: PreparedRun,
  { options, choice, env, signal }: Setting,
): Promise<number> {
  const warnings: string[] = []
  const warn = (warning: string): void => {
    if (warnings.includes(warning)) return
    warnings.push(warning)
    say(warning)
  }
  await using loaders = await loadersFor(prepared.configuration, warn)
  say('Warming up the instrument …')
  await warmUp(loaders)
  if (signal.aborted) throw new NothingMeasured()
  say('Starting the testbed …')
  const asked = prepared.configuration.arms.map(({ name }) => name)
  const opening = { warn, say, signal, loaders: loaders?.pids }
  const testbed = await opened(choice.open(asked, opening), signal)
  let code = 1
  try {
    const read = (): Promise<HostState> => settle(signal)
    const ask = askOn(process, signal)
    const machine = busyMachine({ cores: hostEnvironment().cores, read, warn, ask })
    if (!(await unlessInterrupted(machine.before(), signal))) throw new NothingMeasured()
    const file = await beginFile(prepared, { testbed, options, env, warnings, warn, signal })
    const goesOn = await measureTrials(file, prepared, { testbed, loaders, signal, machine })
    const isCut = !goesOn || signal.aborted
    const isStray = signal.reason instanceof StrayError
    const failed = isStray && file.run().trials.some(({ state }) => state !== 'complete')
    const interrupted = isCut && !failed
    code = await finishRun(file, prepared.folder, { options, env, warnings, interrupted, isCut })
    if (isStray) code = 1
    return code
  } finally {
    using _ = endWithinLimit(code)
    await testbed.close()
  }
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
 * The testbed, or none if the signal comes before it stands: what then still starts is closed again.
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

type Beginning = Readonly<{
  testbed: Testbed
  options: RunOptions
  env: NodeJS.ProcessEnv
  warnings: readonly string[]
  warn: (warning: string) => void
  signal: AbortSignal
}>

/** The files of the run before its first, or its next, trial. */
async function beginFile(
  prepared: PreparedRun,
  { testbed, options, env, warnings, warn, signal }: Beginning,
): Promise<RunFile> {
  const { folder, trials, of } = prepared
  const source = env['SAMEHOST_SOURCE']
  const stale = source === undefined ? null : await staleImageWarning(KIT, source)
  if (stale !== null) warn(stale)
  const configuration = await readyForTrials(options, prepared, { testbed, say, warn, signal })
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
async function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw signal.aborted ? new NothingMeasured() : error
  }
}

const noCommit = (folder: string): string =>
  `The commit of ${folder} is not known (no git checkout, or its .git leads out of what can be read ` +
  'here): run.json cannot say what was measured. Measure from a clone.'

type Measuring = Readonly<{
  testbed: Testbed
  loaders: Loaders | null
  signal: AbortSignal
  machine: ReturnType<typeof busyMachine>
}>

/** @returns false where whoever was asked did not want the rest */
async function measureTrials(
  file: RunFile,
  { trials, resumed }: PreparedRun,
  { testbed, loaders, signal, machine }: Measuring,
): Promise<boolean> {
  const { configuration, environment } = file.run()
  const cores = coresToShare(testbed, environment.host.cores)
  const judgement = await judgementFor(configuration)
  const aboutMs = estimatedMs(configuration, trials.length)
  const tell = startProgress(progressOutput(process), aboutMs, () => performance.now())
  const keep = file.keepStage
  const done = resumed?.trials ?? []
  const plan = { configuration, cores, trials, done, judgement }
  const setting = { ...plan, testbed, loaders, keep, tell, warn: file.warn, signal }
  for await (const trial of runExperiment(setting)) {
    await file.keepTrial(trial)
    for (const note of notesOf(trial)) {
      say(note)
      await file.warn(note)
    }
    const isFirst = trial.order === trials[0]?.order
    if (isFirst && trials.length > 1 && !(await machine.after(trial))) return false
  }
  return true
}

type Finishing = Readonly<{
  options: RunOptions
  env: NodeJS.ProcessEnv
  /** Said in this process, those after the file was begun too. */
  warnings: readonly string[]
  interrupted: boolean
  /** Did it end before its plan? */
  isCut: boolean
}>

/** Judges and reports. Whatever fails in that, what was measured is kept, and the outcome is printed. */
async function finishRun(
  file: RunFile,
  folder: string,
  { options, env, warnings, interrupted, isCut }: Finishing,
): Promise<number> {
  // Only now: what draws the charts would be memory of the runner while it measures.
  const { withAnalysis, printReport, writeReports } = await import('./report.ts')
  const ended: Run = {
    ...file.run(),
    warnings: [...new Set([...file.run().warnings, ...warnings])],
    finishedAt: new Date().toISOString(),
    state: isCut ? 'partial' : 'complete',
  }
  await file.finish(ended)
  let isReported = false
  try {
    await file.finish(withAnalysis(ended))
    await writeReports(folder, file.run())
    printReport(file.run(), options.verbose)
    isReported = true
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const again = `npm run bench -- report ${shellQuoted(folder)}`
    say(
      `All figures are kept, but the reports could not be made: ${reason} \`${again}\` tries again.`,
    )
  }
  const run = file.run()
  const outcome = { interrupted, isReported, standingArms: env['ARMS'] }
  process.stdout.write(`${outcomeLine(run, folder, outcome)}\n`)
  return exitCodeOf(run, { interrupted, check: options.check }) || (isReported ? 0 : 1)
}

function say(text: string): void {
  process.stderr.write(`${printable(text)}\n`)
}
