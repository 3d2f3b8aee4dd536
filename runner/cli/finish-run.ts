import type { Run } from '../measurement/run.ts'
import type { Studied, Study } from '../measurement/study.ts'
import { shellQuoted } from '../plan/options.ts'
import type { RunFile } from '../results/run-folder.ts'
import type { RunOptions } from './options.ts'
import { answerLine, exitCodeOf, hasAnswer, outcomeLine, reportPath } from './outcome.ts'
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
  const { withAnalysis, runOf, writeReports } = await import('./report.ts')
  const { printRun } = await import('./print.ts')
  const ended: Run = {
    ...file.run(),
    warnings: [...new Set([...file.run().warnings, ...warnings])],
    finishedAt: new Date().toISOString(),
    state: isCut ? 'partial' : 'complete',
  }
  await file.finish(ended)
  let judged: Studied<Run> = { ...ended, study }
  const code = () => exitCodeOf(judged, { interrupted, check: options.check })
  const outcome = { interrupted, standingArms: env['ARMS'] }
  try {
    const analysed = withAnalysis(ended, study)
    await file.finish(runOf(analysed))
    judged = { ...analysed, ...file.run() }
    await writeReports(folder, judged)
    const ending = outcomeLine(judged, folder, { ...outcome, isReported: true })
    const lines = hasAnswer(judged, outcome) ? [ending, answerLine(judged)] : [ending]
    const report = reportPath(folder, judged.environment.testbed)
    printRun(judged, options.print, { lines, report })
    if (options.print === 'json') say(ending)
    return code()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const again = `npm run bench -- report ${shellQuoted(folder)}`
    say(
      `All figures are kept, but the reports could not be made: ${reason} \`${again}\` tries again.`,
    )
    const ending = outcomeLine(judged, folder, { ...outcome, isReported: false })
    if (options.print === 'json') say(ending)
    else process.stdout.write(`${ending}\n`)
    return code() || 1
  }
}
