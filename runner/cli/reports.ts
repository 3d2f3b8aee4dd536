import { join } from 'node:path'
import { analyse } from '../analysis/analyse.ts'
import type { Run } from '../measurement/run.ts'
import { stagesCsv } from '../report/csv.ts'
import { markdownReport } from '../report/markdown.ts'
import { terminalReport } from '../report/terminal.ts'
import { writeWhole } from '../results/whole-file.ts'

/** The run with its crossings and its verdict on the claims. */
export function judged(run: Run): Run {
  return { ...run, ...analyse(run) }
}

/** Writes every report of a judged run; the same run gives the same bytes. */
export async function writeReports(folder: string, run: Run): Promise<void> {
  await writeWhole(join(folder, 'stages.csv'), stagesCsv(run))
  await writeWhole(join(folder, 'report.md'), markdownReport(run))
}

export function printReport(run: Run, verbose: boolean): void {
  const { env, stdout } = process
  const columns = Number(env['COLUMNS']) || stdout.columns || 100
  const unicode = !/^(C|POSIX)$/.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '')
  const colour = stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  process.stdout.write(terminalReport(run, { columns, colour, unicode, verbose }))
}
