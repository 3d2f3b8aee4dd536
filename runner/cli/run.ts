import { availableParallelism } from 'node:os'
import { warmUp } from '../calibration/warm-up.ts'
import { runExperiment } from '../experiment/experiment.ts'
import { printable } from '../foreign/printable.ts'
import { KIT } from '../kit.ts'
import { type Loaders, startLoaders } from '../load/loaders.ts'
import type { Environment } from '../measurement/environment.ts'
import type { Configuration, Run } from '../measurement/run.ts'
import { formatDuration } from '../plan/plan.ts'
import { openRunFile } from '../results/run-folder.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { withHosts } from './hosts.ts'
import { readRunOptions, UsageError } from './options.ts'
import { outcomeLine } from './outcome.ts'
import {
  chooseTestbed,
  judgementFor,
  newRun,
  type PreparedRun,
  prepareRun,
  staleImageWarning,
} from './prepare.ts'
import { startProgress } from './progress.ts'
import { progressOutput } from './screen.ts'

/** The default command: plan, measure, judge, report. @returns the exit code */
export async function measureRun(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const options = readRunOptions(args, env)
  if (!('profile' in options)) throw new UsageError(options)
  const choice = await chooseTestbed(options, env)
  const prepared = await prepareRun(options, choice)
  const { folder, trials, of, estimatedMs } = prepared
  using interrupt = onInterrupt()
  const warnings: string[] = []
  const warn = (warning: string): void => {
    warnings.push(warning)
    say(warning)
  }

  await using loaders = await loadersFor(prepared.configuration, warn)
  say('Warming up the instrument …')
  await warmUp(loaders)
  say('Starting the testbed …')
  const asked = prepared.configuration.arms.map(({ name }) => name)
  const testbed = await choice.open(asked, { warn, say })
  try {
    const source = env['SAMEHOST_SOURCE']
    const stale = source === undefined ? null : await staleImageWarning(KIT, source)
    if (stale !== null) warn(stale)
    const { signal } = interrupt
    const configuration =
      prepared.resumed === null
        ? await withHosts(options, prepared.configuration, { testbed, say, signal })
        : prepared.configuration
    const judgement = await judgementFor(configuration)
    const start = await startOfRun({ ...prepared, configuration }, testbed, warnings)
    const file = await openRunFile(folder, start)
    const count = `${trials.length} of ${of} trials`
    say(`${asked.join(', ')} on ${testbed.label}; ${count}, about ${formatDuration(estimatedMs)}.`)

    const tell = startProgress(progressOutput(process), estimatedMs, () => performance.now())
    const keep = file.keepStage
    const done = prepared.resumed?.trials ?? []
    const setting = { testbed, configuration, trials, done, judgement, loaders, keep, tell, signal }
    for await (const trial of runExperiment(setting)) await file.keepTrial(trial)

    const interrupted = signal.aborted
    // Only now: what draws the charts would be memory of the runner while it measures.
    const { withAnalysis, printReport, writeReports } = await import('./report.ts')
    const finished: Run = withAnalysis({
      ...file.run(),
      finishedAt: new Date().toISOString(),
      state: interrupted ? 'partial' : 'complete',
    })
    await file.finish(finished)
    await writeReports(folder, finished)
    printReport(finished, options.verbose)
    const outcome = outcomeLine(finished, folder, { interrupted, standingArms: env['ARMS'] })
    process.stdout.write(`${outcome}\n`)
    return exitCodeOf(finished, { interrupted, check: options.check })
  } finally {
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

function say(text: string): void {
  process.stderr.write(`${printable(text)}\n`)
}

/** 0 done, 1 a trial failed, 3 `--check` and something fell short, 130 interrupted. */
function exitCodeOf(
  run: Run,
  { interrupted, check }: Readonly<{ interrupted: boolean; check: boolean }>,
): number {
  if (interrupted) return 130
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

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * The first signal asks the run to end in order, with what there is; a second one ends it at once, and
 * the guard (testbed/embedded/guard.ts) clears up what is left.
 */
function onInterrupt(): Readonly<{ signal: AbortSignal; [Symbol.dispose](): void }> {
  const controller = new AbortController()
  const listener = (name: NodeJS.Signals): void => {
    // The user asked twice.
    if (controller.signal.aborted) process.exit(130)
    process.stderr.write(`\n${name}: ending with what there is; once more to end at once.\n`)
    controller.abort()
  }
  for (const name of SIGNALS) process.on(name, listener)
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of SIGNALS) process.off(name, listener)
    },
  }
}

/** run.json as the first, or the next, trial finds it. */
async function startOfRun(
  { configuration, resumed, of }: PreparedRun,
  testbed: Testbed,
  warnings: readonly string[],
): Promise<Run> {
  const now = await newRun(configuration, testbed)
  if (resumed === null) return { ...now, warnings: [...warnings] }
  const pause = `Resumed at ${now.startedAt} after ${resumed.trials.length} of ${of} trials.`
  const changed = differences(resumed.environment, now.environment)
  return {
    ...resumed,
    finishedAt: null,
    state: 'partial',
    warnings: [...resumed.warnings, ...warnings, pause, ...changed],
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
