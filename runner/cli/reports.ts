import { join } from 'node:path'
import type { Run } from '../measurement/run.ts'
import { stagesCsv } from '../report/csv.ts'
import { markdownReport } from '../report/markdown.ts'
import { terminalReport } from '../report/terminal.ts'
import { writeWhole } from '../results/whole-file.ts'

/** Judges the run and writes every report. @returns the run with its verdict */
export async function writeReports(folder: string, run: Run): Promise<Run> {
  await writeWhole(join(folder, 'stages.csv'), stagesCsv(run))
  await writeWhole(join(folder, 'report.md'), markdownReport(run))
  return run
}

export function printReport(run: Run, verbose: boolean): void {
  const { env, stdout } = process
  const columns = Number(env['COLUMNS']) || stdout.columns || 100
  const unicode = !/^(C|POSIX)$/.test(env['LC_ALL'] ?? env['LC_CTYPE'] ?? env['LANG'] ?? '')
  const colour = stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  process.stdout.write(terminalReport(run, { columns, colour, unicode, verbose }))
}
