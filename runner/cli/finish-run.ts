import type { Run } from '../measurement/run.ts'
import type { Study } from '../measurement/study.ts'
import { shellQuoted } from '../plan/options.ts'
import type { RunFile } from '../results/run-folder.ts'
import type { RunOptions } from './options.ts'
import { exitCodeOf, outcomeLine } from './outcome.ts'
import { say } from './screen.ts'

type Finishing = Readonly<{
  options: RunOptions
  env: NodeJS.ProcessEnv
  study: Study | null
  /** Said in this process, those after the file was begun too. */
  warnings: readonly string[]
  interrupted: boolean
  /** Did it end before its plan? */
  isCut: boolean
}>

/** Judges and reports. Whatever fails in that, what was measured is kept, and the outcome is printed. */
export async function finishRun(
  file: RunFile,
  folder: string,
  { options, env, study, warnings, interrupted, isCut }: Finishing,
): Promise<number> {
  // Only now: what draws the charts would be memory of the runner while it measures.
  const { withAnalysis, printReport, runOf, writeReports } = await import('./report.ts')
  const ended: Run = {
    ...file.run(),
    warnings: [...new Set([...file.run().warnings, ...warnings])],
    finishedAt: new Date().toISOString(),
    state: isCut ? 'partial' : 'complete',
  }
  await file.finish(ended)
  let isReported = false
  try {
    const judged = withAnalysis(ended, study)
    await file.finish(runOf(judged))
    await writeReports(folder, { ...judged, ...file.run() })
    printReport({ ...judged, ...file.run() }, options.verbose)
    isReported = true
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const again = `npm run bench -- report ${shellQuoted(folder)}`
    say(
      `All figures are kept, but the reports could not be made: ${reason} \`${again}\` tries again.`,
    )
  }
  const run = { ...file.run(), study }
  const outcome = { interrupted, isReported, standingArms: env['ARMS'] }
  process.stdout.write(`${outcomeLine(run, folder, outcome)}\n`)
  return exitCodeOf(run, { interrupted, check: options.check }) || (isReported ? 0 : 1)
}
