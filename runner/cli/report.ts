import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { analyse } from '../analysis/analyse.ts'
import { analysesOf, type WithAnalyses } from '../analysis/arm-analysis.ts'
import { judgedAgain } from '../analysis/standing.ts'
import { printable } from '../foreign/printable.ts'
import type { Run } from '../measurement/run.ts'
import type { Studied, Study } from '../measurement/study.ts'
import { drawCharts } from '../report/charts/charts.ts'
import { type Chart, svgFile } from '../report/charts/theme.ts'
import { htmlReport } from '../report/html/page.ts'
import { markdownReport } from '../report/markdown.ts'
import { isBundle, nameOfBundle, openRunFiles, placeOf, unpack } from '../results/bundle.ts'
import { missingTelemetry } from '../results/raw-files.ts'
import { readRun, readTelemetry, runJson } from '../results/run-folder.ts'
import { lockRun } from '../results/run-lock.ts'
import { stagesCsv } from '../results/stages-csv.ts'
import { storable } from '../results/storable.ts'
import { verifyFigures } from '../results/verify.ts'
import { makeInside, writeWhole } from '../results/whole-file.ts'
import { KIT } from '../kit.ts'
import { UsageError } from './options.ts'
import { Faults, printOf, PRINTS } from './option-values.ts'
import { answerLine, reportPath } from './outcome.ts'
import { printRun } from './print.ts'

/** Bundles of the runs of record, by name. */
const RECORDS = join(KIT, 'results', 'reference')

/**
 * `report DIR | BUNDLE | NAME`: judges a run again, writes its reports from its raw files without measuring, and
 * recomputes its latencies from its histograms. A bundle is never written to: it is unpacked beside the runs.
 *
 * @returns 0; with --verify 3 where a figure is not what the histograms give
 */
export async function report(args: readonly string[], study: Study | null): Promise<number> {
  const faults = new Faults()
  const print = printOf(
    PRINTS.filter((name) => args.includes(`--${name}`)),
    faults,
  )
  if (faults.all.length > 0) throw new UsageError(faults.all)
  const flags = new Set(['--verify', ...PRINTS.map((name) => `--${name}`)])
  const [given, ...more] = args.filter((word) => !flags.has(word))
  if (given === undefined || given.startsWith('-') || more.length > 0) {
    throw new UsageError([
      'report needs one run: its folder, its bundle, or the name of a run of record.',
    ])
  }
  const folder = await folderOf(placeOf(given, RECORDS))
  await readRun(folder)
  // A run that goes on writes these files itself.
  const say = (text: string): void => void process.stderr.write(`${printable(text)}\n`)
  const lock = await lockRun(folder, { say })
  try {
    const judged = withAnalysis(await readRun(folder), study)
    const { run } = storable(runOf(judged))
    await writeWhole(join(folder, 'run.json'), runJson(run))
    await writeReports(folder, { ...judged, ...run })
    const page = reportPath(folder, run.environment.testbed)
    const shown = { ...judged, ...run }
    printRun(shown, print, { lines: [`Open ${page}.`, answerLine(shown)], report: page })
    for (const text of await missingTelemetry(folder, run)) process.stderr.write(`${text}\n`)
    const { figures, differences } = await verifyFigures(run, await openRunFiles(folder))
    for (const text of differences) process.stderr.write(`${printable(text)}\n`)
    if (!args.includes('--verify')) return 0
    const sound = `${figures} figures were recomputed from the histograms: `
    process.stderr.write(
      `${sound}${differences.length === 0 ? 'all are alike' : `${differences.length} differ`}.\n`,
    )
    return differences.length === 0 ? 0 : 3
  } finally {
    lock.release()
  }
}

/** The folder of a run; that of a bundle is made in results/, once. */
async function folderOf(place: string): Promise<string> {
  if (!isBundle(place)) return place
  const folder = join(KIT, 'results', nameOfBundle(place))
  if (!existsSync(folder)) await unpack(place, folder)
  return folder
}

/** A run with all that a report says of it. */
type Judged = WithAnalyses<Studied<Run>>

/**
 * The run with each stage judged by today's bounds, its crossings, and its verdict on the claims of the study.
 * Its arms are analysed here, once, for all that a report makes of them.
 */
export function withAnalysis(run: Run, study: Study | null): Judged {
  const again = judgedAgain(run)
  const known = { ...again, study, analyses: analysesOf(again) }
  return { ...known, ...analyse(known) }
}

/** What is kept of it: run.json has neither the study nor what can be computed again. */
export function runOf(judged: Judged): Run {
  const { study: _, analyses: __, ...run } = judged
  return run
}

/** Writes every report of a judged run from its raw files; the same files give the same bytes. */
export async function writeReports(folder: string, run: Judged): Promise<void> {
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
