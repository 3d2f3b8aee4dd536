import { join } from 'node:path'
import { analyse, type EarlierRuns } from '../analysis/analyse.ts'
import { judgedAgain } from '../analysis/validity.ts'
import type { Run } from '../measurement/run.ts'
import { drawCharts } from '../report/charts/charts.ts'
import { type Chart, svgFile } from '../report/charts/theme.ts'
import { htmlReport } from '../report/html/page.ts'
import { markdownReport } from '../report/markdown.ts'
import { terminalReport } from '../report/terminal.ts'
import { readRun, readTelemetry, runJson } from '../results/run-folder.ts'
import { stagesCsv } from '../results/stages-csv.ts'
import { makeInside, writeWhole } from '../results/whole-file.ts'
import { earlierRuns } from '../results/ledger-file.ts'
import { KIT } from '../kit.ts'
import { UsageError } from './options.ts'
import { screenOf } from './screen.ts'

/** Every reference run ever taken: what runs of this configuration differ by on this host. */
export const LEDGER = `${KIT}results/ledger.json`

/** `report DIR`: judges a run again and writes its reports from its raw files, without measuring. */
export async function report(args: readonly string[]): Promise<number> {
  const verbose = args.includes('--verbose')
  const [folder, ...more] = args.filter((word) => word !== '--verbose')
  if (folder === undefined || folder.startsWith('-') || more.length > 0) {
    throw new UsageError(['report needs the folder of one run.'])
  }
  const read = await readRun(folder)
  const run = withAnalysis(read, await earlierRuns(LEDGER, read))
  await writeWhole(join(folder, 'run.json'), runJson(run))
  await writeReports(folder, run)
  printReport(run, verbose)
  return 0
}

/** The run with each stage judged by today's bounds, its crossings, and its verdict on the claims. */
export function withAnalysis(run: Run, earlier?: EarlierRuns): Run {
  const again = judgedAgain(run)
  return { ...again, ...analyse(again, earlier) }
}

/** Writes every report of a judged run from its raw files; the same files give the same bytes. */
export async function writeReports(folder: string, run: Run): Promise<void> {
  const charts = drawCharts(run, await readTelemetry(folder))
  const chartFolder = await makeInside(folder, 'charts')
  for (const chart of charts) {
    await writeWhole(join(chartFolder, fileOf(chart)), svgFile(chart))
  }
  await writeWhole(join(folder, 'stages.csv'), stagesCsv(run))
  await writeWhole(join(folder, 'report.md'), markdownReport(run, charts))
  await writeWhole(join(folder, 'report.html'), htmlReport(run, charts))
}

const fileOf = ({ id }: Chart): string => `${id}.svg`

export function printReport(run: Run, verbose: boolean): void {
  process.stdout.write(terminalReport(run, { ...screenOf(process), verbose }))
}
