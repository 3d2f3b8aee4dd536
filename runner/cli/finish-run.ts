import type { Run } from '../measurement/run.ts'
import { shellQuoted } from '../plan/options.ts'
import type { RunFile } from '../results/run-folder.ts'
import type { RunOptions } from './options.ts'
import { exitCodeOf, outcomeLine } from './outcome.ts'
import { say } from './screen.ts'

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
export async function finishRun(
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
