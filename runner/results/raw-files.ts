import type { Run } from '../measurement/run.ts'
import { PARTS } from '../measurement/stage.ts'
import { telemetryText } from './run-folder.ts'
import { parseTelemetryCsv, type TelemetryRow, TELEMETRY_COLUMNS } from './telemetry-csv.ts'

/**
 * What is missing for the time lines of a run, a line each. Figures and verdicts are in run.json, so a report is
 * made without them.
 */
export async function missingTelemetry(folder: string, { trials }: Run): Promise<string[]> {
  const drawn = 'the time lines are drawn without it'
  let text: string
  try {
    text = await telemetryText(folder)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return [`telemetry.csv is missing: ${drawn}.${code === 'ENOENT' ? '' : ` ${message}`}`]
  }
  if (!text.startsWith(TELEMETRY_COLUMNS.join(','))) {
    return [`telemetry.csv has not the columns that it should begin with: ${drawn}.`]
  }
  const rows = parseTelemetryCsv(text)
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
