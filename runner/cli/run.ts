import { rmdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { warmUp } from '../calibration/warm-up.ts'
import { runExperiment } from '../experiment/experiment.ts'
import { unlessAborted } from '../experiment/unless-aborted.ts'
import { printable } from '../foreign/printable.ts'
import { KIT } from '../kit.ts'
import { descriptorWarning } from '../load/http/descriptors.ts'
import { type Loaders, startLoaders } from '../load/loaders.ts'
import type { Environment } from '../measurement/environment.ts'
import type { Configuration, Run } from '../measurement/run.ts'
import type { Trial } from '../measurement/trial.ts'
import { shellQuoted } from '../plan/options.ts'
import { estimatedMs, formatDuration } from '../plan/plan.ts'
import { openRunFile, type RunFile } from '../results/run-folder.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { endWithinLimit, INTERRUPTED, onInterrupt } from './ending.ts'
import { withHosts } from './hosts.ts'
import { readRunOptions, type RunOptions, UsageError } from './options.ts'
import { outcomeLine } from './outcome.ts'
import { judgementFor, newRun, prepareRun } from './prepare.ts'
import { startProgress } from './progress.ts'
import type { PreparedRun } from './resume.ts'
import { progressOutput } from './screen.ts'
import { chooseTestbed, staleImageWarning, type TestbedChoice } from './testbeds.ts'

/** The default command: plan, measure, judge, report. @returns the exit code */
export async function measureRun(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const options = readRunOptions(args, env)
  if (!('profile' in options)) throw new UsageError(options)
  const choice = await chooseTestbed(options, env)
  const prepared = await prepareRun(options, choice)
  using interrupt = onInterrupt()
  try {
    return await measureInto(prepared, { options, choice, env, signal: interrupt.signal })
  } catch (error) {
    if (!(error instanceof NothingMeasured)) throw error
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
  const short = descriptorWarning(Math.max(...prepared.configuration.users))
  if (short !== null) warn(short)

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
    const file = await beginFile(prepared, { testbed, options, env, warnings, warn, signal })
    await measureTrials(file, prepared, { testbed, loaders, signal })
    code = await finishRun(file, prepared.folder, { options, env, interrupted: signal.aborted })
    return code
  } finally {
    using _ = endWithinLimit(code)
    await testbed.close()
  }
}

/** The processes that share the users, where they are asked for. */
async function loadersFor(
  { loaders: count = 1 }: Configuration,
  warn: (warning: string) => void,
): Promise<Loaders | null> {
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
  const configuration = await withHostsUnlessAborted(options, prepared, { testbed, say, signal })
  const start = await startOfRun({ ...prepared, configuration }, testbed)
  if (start.environment.git.commit === null) warn(noCommit(source ?? KIT))
  const file = await openRunFile(folder, { ...start, warnings: [...start.warnings, ...warnings] })
  const count = `${trials.length} of ${of} trials`
  const names = configuration.arms.map(({ name }) => name).join(', ')
  say(
    `${names} on ${testbed.label}; ${count}, about ${formatDuration(estimatedMs(configuration, trials.length))}.`,
  )
  return file
}

/** @throws NothingMeasured where the signal ends the pilot by which the hosts or the ramp are found */
async function withHostsUnlessAborted(
  options: RunOptions,
  { configuration, resumed }: PreparedRun,
  setting: Parameters<typeof withHosts>[2],
): Promise<Configuration> {
  if (resumed !== null) return configuration
  try {
    return await withHosts(options, configuration, setting)
  } catch (error) {
    throw setting.signal.aborted ? new NothingMeasured() : error
  }
}

const noCommit = (folder: string): string =>
  `The commit of ${folder} is not known (no git checkout, or its .git leads out of what can be read ` +
  'here): run.json cannot say what was measured. Measure from a clone.'

type Measuring = Readonly<{ testbed: Testbed; loaders: Loaders | null; signal: AbortSignal }>

async function measureTrials(
  file: RunFile,
  { trials, resumed }: PreparedRun,
  { testbed, loaders, signal }: Measuring,
): Promise<void> {
  const { configuration, environment } = file.run()
  const { cores } = environment.host
  const judgement = await judgementFor(configuration)
  const aboutMs = estimatedMs(configuration, trials.length)
  const tell = startProgress(progressOutput(process), aboutMs, () => performance.now())
  const keep = file.keepStage
  const done = resumed?.trials ?? []
  const plan = { configuration, cores, trials, done, judgement }
  const setting = { ...plan, testbed, loaders, keep, tell, signal }
  for await (const trial of runExperiment(setting)) {
    await file.keepTrial(trial)
    const note = unprovedIdentity(trial)
    if (note !== null) await file.warn(note)
  }
}

/** What sends no name and no instance may be another: to be said, and no failure. */
function unprovedIdentity({ arm, identity, stages }: Trial): string | null {
  if (identity === undefined || stages.length === 0) return null
  if (identity.arm === null || identity.instance === null) {
    return (
      `${arm}: not checked: identity: it does not send X-Samehost-Arm and X-Samehost-Instance on ` +
      '/healthz, so another service may have answered'
    )
  }
  const missed = stages.length + 1 - identity.proofs
  return missed > 0
    ? `${arm}: not checked: identity: it did not answer on /healthz ${missed} of ${stages.length + 1} times`
    : null
}

type Finishing = Readonly<{ options: RunOptions; env: NodeJS.ProcessEnv; interrupted: boolean }>

/** Judges and reports. Whatever fails in that, what was measured is kept, and the outcome is printed. */
async function finishRun(
  file: RunFile,
  folder: string,
  { options, env, interrupted }: Finishing,
): Promise<number> {
  // Only now: what draws the charts would be memory of the runner while it measures.
  const { withAnalysis, printReport, writeReports } = await import('./report.ts')
  const ended: Run = {
    ...file.run(),
    finishedAt: new Date().toISOString(),
    state: interrupted ? 'partial' : 'complete',
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
  process.stdout.write(`${outcomeLine(run, folder, { interrupted, standingArms: env['ARMS'] })}\n`)
  return exitCodeOf(run, { interrupted, check: options.check }) || (isReported ? 0 : 1)
}

function say(text: string): void {
  process.stderr.write(`${printable(text)}\n`)
}

/** 0 done, 1 a trial failed, 3 `--check` and something fell short, 130 interrupted. */
function exitCodeOf(
  run: Run,
  { interrupted, check }: Readonly<{ interrupted: boolean; check: boolean }>,
): number {
  if (interrupted) return INTERRUPTED
  if (run.trials.some((trial) => trial.state !== 'complete')) return 1
  return check && shortfalls(run).length > 0 ? 3 : 0
}

/** What `--check` does not let pass: invalid ramp stages, failed requests, claims that did not hold. */
function shortfalls(run: Run): string[] {
  const stages = run.trials.flatMap((trial) =>
    trial.stages
      .filter((stage) => stage.kind === 'ramp' && !stage.validity.valid)
      .map((stage) => `${trial.arm} at ${stage.users} users is invalid`),
  )
  const claims = run.claims
    .filter((claim) => claim.verdict === 'not reproduced')
    .map((claim) => `${claim.id} is not reproduced`)
  return [...stages, ...claims]
}

/** run.json as the first, or the next, trial finds it. */
async function startOfRun(
  { configuration, resumed, of }: PreparedRun,
  testbed: Testbed,
): Promise<Run> {
  const now = await newRun(configuration, testbed)
  if (resumed === null) return now
  const pause = `Resumed at ${now.startedAt} after ${resumed.trials.length} of ${of} trials.`
  const changed = differences(resumed.environment, now.environment)
  return {
    ...resumed,
    finishedAt: null,
    state: 'partial',
    warnings: [...resumed.warnings, pause, ...changed],
  }
}

/** What makes the trials before and after a pause less alike. */
function differences(before: Environment, now: Environment): string[] {
  const facts = (environment: Environment): Record<string, string> => ({
    'the commit': String(environment.git.commit),
    'the CPU': `${environment.host.cores} × ${environment.host.cpuModel}`,
    'the database': String(environment.database.version),
    'the engine': String(environment.engine),
  })
  const was = facts(before)
  return Object.entries(facts(now))
    .filter(([name, value]) => was[name] !== value)
    .map(([name, value]) => `When resumed, ${name} was another: ${value}, before ${was[name]}.`)
}
