import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Run } from '../measurement/run.ts'
import { PARTS } from '../measurement/stage.ts'
import { decodeHistogram } from '../load/distribution.ts'
import { histogramFile, readTelemetry } from './run-folder.ts'
import { type TelemetryRow, TELEMETRY_COLUMNS } from './telemetry-csv.ts'

/**
 * What is missing of the raw files that a run's reports, or a reader who checks them, need: a line each.
 * Figures and verdicts are in run.json, so a report is made without them all the same.
 */
export async function missingRawFiles(folder: string, run: Run): Promise<string[]> {
  return [...(await missingTelemetry(folder, run)), ...(await missingHistograms(folder, run))]
}

async function missingTelemetry(folder: string, { trials }: Run): Promise<string[]> {
  const text = await readFile(join(folder, 'telemetry.csv'), 'utf8').catch(() => null)
  const drawn = 'the time lines are drawn without it'
  if (text === null) return [`telemetry.csv is missing: ${drawn}.`]
  if (!text.startsWith(TELEMETRY_COLUMNS.join(','))) {
    return [`telemetry.csv has not the columns that it should begin with: ${drawn}.`]
  }
  const rows = await readTelemetry(folder)
  const bad = rows.filter((row) => !isWhole(row)).length
  const seen = new Set(rows.filter(isWhole).map(({ trial, stage }) => `${trial} ${stage}`))
  const stages = trials.flatMap(({ order, stages: held }) => held.map((_, at) => `${order} ${at}`))
  const absent = stages.filter((stage) => !seen.has(stage)).length
  return [
    ...(bad > 0 ? [`telemetry.csv: ${bad} of ${rows.length} rows are broken and not drawn.`] : []),
    ...(absent > 0 ? [`telemetry.csv has no row of ${absent} of ${stages.length} stages.`] : []),
  ]
}

const isWhole = ({ trial, stage, atS, part, cpuCores }: Partial<TelemetryRow>): boolean =>
  Number.isInteger(trial) &&
  Number.isInteger(stage) &&
  Number.isFinite(atS) &&
  Number.isFinite(cpuCores) &&
  PARTS.some((known) => known === part)

async function missingHistograms(folder: string, { trials }: Run): Promise<string[]> {
  const files = trials.flatMap(({ order, arm, stages }) =>
    stages.map((_, at) => histogramFile(order, arm, at)),
  )
  const readable = await Promise.all(files.map((file) => isHistogram(join(folder, file))))
  const absent = files.filter((_, at) => readable[at] === false)
  if (absent.length === 0) return []
  return [
    `${absent.length} of ${files.length} histograms are missing or broken (${absent[0]}): the ` +
      'percentiles of those stages are in run.json and can no longer be checked.',
  ]
}

async function isHistogram(path: string): Promise<boolean> {
  try {
    const { endpoints } = JSON.parse(await readFile(path, 'utf8')) as {
      endpoints: Record<string, { success: string }>
    }
    const encoded = Object.values(endpoints).map(({ success }) => success)
    for (const text of encoded) decodeHistogram(text)
    return encoded.length > 0
  } catch {
    return false
  }
}
