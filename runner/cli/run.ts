import { warmUp } from '../calibration/warm-up.ts'
import { runExperiment } from '../experiment/experiment.ts'
import type { Run } from '../measurement/run.ts'
import { formatDuration } from '../plan/duration.ts'
import { startProgress } from '../progress.ts'
import { openRunFile } from '../results/run-file.ts'
import { armFolders, writeSbom } from '../results/sbom-file.ts'
import { KIT } from '../testbed/service-sql.ts'
import { onInterrupt } from './interrupt.ts'
import { judgementFor } from './judgement.ts'
import { exitCodeOf, outcomeLine } from './outcome.ts'
import { prepareRun } from './prepare.ts'
import { readRunOptions } from './run-options.ts'
import { staleImageWarning } from './stale-image.ts'
import { startOfRun } from './start-of-run.ts'
import { chooseTestbed } from './testbeds.ts'
import { UsageError } from './usage.ts'

/** The default command: plan, measure, judge, report. @returns the exit code */
export async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const options = readRunOptions(args, env)
  if (!('profile' in options)) throw new UsageError(options)
  const choice = await chooseTestbed(options, env)
  const prepared = await prepareRun(options, choice)
  const { folder, configuration, trials, of, estimatedMs } = prepared
  const judgement = await judgementFor(configuration)
  using interrupt = onInterrupt()
  const warnings: string[] = []
  const warn = (warning: string): void => {
    warnings.push(warning)
    say(warning)
  }

  say('Warming up the instrument …')
  await warmUp()
  say('Starting the testbed …')
  const asked = configuration.arms.map(({ name }) => name)
  const testbed = await choice.open(asked, warn)
  try {
    const source = env['SAMEHOST_SOURCE']
    const stale = source === undefined ? null : await staleImageWarning(KIT, source)
    if (stale !== null) warn(stale)
    const file = await openRunFile(folder, await startOfRun(prepared, testbed, warnings))
    await writeSbom(folder, KIT, armFolders(configuration.arms, testbed.arms), say)
    const count = `${trials.length} of ${of} trials`
    say(`${asked.join(', ')} on ${testbed.label}; ${count}, about ${formatDuration(estimatedMs)}.`)

    const { signal } = interrupt
    const tell = startProgress(progressOutput(), estimatedMs, () => performance.now())
    const keep = file.keepStage
    const done = prepared.resumed?.trials ?? []
    const setting = { testbed, configuration, trials, done, judgement, keep, tell, signal }
    for await (const trial of runExperiment(setting)) await file.keepTrial(trial)

    const interrupted = signal.aborted
    // Only now: what draws the charts would be memory of the runner while it measures.
    const { judged, printReport, writeReports } = await import('./reports.ts')
    const finished: Run = judged({
      ...file.run(),
      finishedAt: new Date().toISOString(),
      state: interrupted ? 'partial' : 'complete',
    })
    await file.finish(finished)
    await writeReports(folder, finished)
    printReport(finished, options.verbose)
    process.stdout.write(
      `${outcomeLine(finished, folder, { interrupted, standingArms: env['ARMS'] })}\n`,
    )
    return exitCodeOf(finished, { interrupted, check: options.check })
  } finally {
    await testbed.close()
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

function progressOutput() {
  const { stderr } = process
  return {
    isTerminal: stderr.isTTY,
    columns: stderr.columns || 100,
    write: (text: string): void => void stderr.write(text),
  }
}
