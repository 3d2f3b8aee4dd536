import { runExperiment } from '../experiment/experiment.ts'
import { createRandom } from '../load/random.ts'
import type { Run } from '../measurement/run.ts'
import { planRun } from '../plan/plan.ts'
import { formatDuration } from '../plan/duration.ts'
import { startProgress } from '../progress.ts'
import { makeFolder } from '../results/folder.ts'
import { openRunFile } from '../results/run-file.ts'
import { KIT } from '../testbed/service-sql.ts'
import { configurationOf } from './configuration.ts'
import { onInterrupt } from './interrupt.ts'
import { judgementFor } from './judgement.ts'
import { newRun } from './new-run.ts'
import { exitCodeOf, outcomeLine } from './outcome.ts'
import { printReport, writeReports } from './reports.ts'
import { readRunOptions } from './run-options.ts'
import { openTestbed } from './testbeds.ts'
import { staleImageWarning } from './stale-image.ts'
import { UsageError } from './usage.ts'

/** The default command: plan, measure, judge, report. @returns the exit code */
export async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const options = readRunOptions(args, env)
  if (!('profile' in options)) throw new UsageError(options)
  using interrupt = onInterrupt()
  const warnings: string[] = []
  const say = (text: string): void => void process.stderr.write(`${text}\n`)

  say('Starting the testbed …')
  const testbed = await openTestbed(options, env, (warning) => warnings.push(warning))
  try {
    const configuration = configurationOf(options, testbed.arms)
    const judgement = await judgementFor(configuration)
    const plan = planRun(configuration, createRandom(configuration.seed))
    const source = env['SAMEHOST_SOURCE']
    const stale = source === undefined ? null : await staleImageWarning(KIT, source)
    if (stale !== null) warnings.push(stale)
    const start = { ...(await newRun(configuration, testbed)), warnings }
    const folder = await makeFolder(options.out, KIT, start.startedAt, options.profile)
    const file = await openRunFile(folder, start)
    const arms = configuration.arms.map((arm) => arm.name).join(', ')
    say(
      `${arms} on ${testbed.label}; ${plan.trials.length} trials, about ${formatDuration(plan.estimatedMs)}.`,
    )

    const experiment = runExperiment({
      testbed,
      configuration,
      trials: plan.trials,
      judgement,
      keep: file.keepStage,
      tell: startProgress(
        {
          isTerminal: process.stderr.isTTY,
          columns: process.stderr.columns || 100,
          write: (text) => void process.stderr.write(text),
        },
        plan.estimatedMs,
        () => performance.now(),
      ),
      signal: interrupt.signal,
    })
    for await (const trial of experiment) await file.keepTrial(trial)

    const interrupted = interrupt.signal.aborted
    const finished: Run = {
      ...file.run(),
      finishedAt: new Date().toISOString(),
      state: interrupted ? 'partial' : 'complete',
    }
    const judged = await writeReports(folder, finished)
    await file.finish(judged)
    printReport(judged, options.verbose)
    process.stdout.write(`${outcomeLine(judged, folder, interrupted)}\n`)
    return exitCodeOf(judged, { interrupted, check: options.check })
  } finally {
    await testbed.close()
  }
}
