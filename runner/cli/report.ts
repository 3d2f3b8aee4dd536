import { join } from 'node:path'
import { readRun } from '../results/read.ts'
import { runJson } from '../results/run-file.ts'
import { writeWhole } from '../results/whole-file.ts'
import { judged, printReport, writeReports } from './reports.ts'
import { UsageError } from './usage.ts'

/** `report DIR`: judges a run anew and writes its reports from its raw files, without measuring. */
export async function report(args: readonly string[]): Promise<number> {
  const verbose = args.includes('--verbose')
  const [folder, ...more] = args.filter((word) => word !== '--verbose')
  if (folder === undefined || folder.startsWith('-') || more.length > 0) {
    throw new UsageError(['report needs the folder of one run.'])
  }
  const run = judged(await readRun(folder))
  await writeWhole(join(folder, 'run.json'), runJson(run))
  await writeReports(folder, run)
  printReport(run, verbose)
  return 0
}
