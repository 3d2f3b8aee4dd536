import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { analyse } from '../analysis/analyse.ts'
import type { Run } from '../measurement/run.ts'
import { svgFile, type Chart } from '../report/charts/chart.ts'
import { drawCharts } from '../report/charts.ts'
import { stagesCsv } from '../report/csv.ts'
import { htmlReport } from '../report/html.ts'
import { markdownReport } from '../report/markdown.ts'
import { terminalReport } from '../report/terminal.ts'
import { parseTelemetryCsv } from '../results/telemetry-csv.ts'
import { writeWhole } from '../results/whole-file.ts'
import { screenOf } from './screen.ts'

/** The run with its crossings and its verdict on the claims. */
export function judged(run: Run): Run {
  return { ...run, ...analyse(run) }
}

/** Writes every report of a judged run from its raw files; the same files give the same bytes. */
export async function writeReports(folder: string, run: Run): Promise<void> {
  const telemetry = await readFile(join(folder, 'telemetry.csv'), 'utf8').catch(() => '')
  const charts = drawCharts(run, parseTelemetryCsv(telemetry))
  await mkdir(join(folder, 'charts'), { recursive: true })
  for (const chart of charts) {
    await writeWhole(join(folder, 'charts', fileOf(chart)), svgFile(chart))
  }
  await writeWhole(join(folder, 'stages.csv'), stagesCsv(run))
  await writeWhole(join(folder, 'report.md'), markdownReport(run, charts))
  await writeWhole(join(folder, 'report.html'), htmlReport(run, charts))
}

const fileOf = ({ id }: Chart): string => `${id}.svg`

export function printReport(run: Run, verbose: boolean): void {
  process.stdout.write(terminalReport(run, { ...screenOf(process), verbose }))
}
