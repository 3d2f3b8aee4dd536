import { PARTS } from '../measurement/stage.ts'
import { type Counters, throttledRatio } from '../telemetry/counters.ts'
import { csvRows, csvText } from './csv.ts'

export type TelemetryRow = Readonly<{
  trial: number
  arm: string
  stage: number
  users: number
  /** s since the stage's window opened; negative in the warm-up. */
  atS: number
  part: string
  cpuCores: number | null
  throttledRatio: number | null
  memoryMb: number
  memoryLimitMb: number | null
  networkRxMb: number | null
  networkTxMb: number | null
}>

export const TELEMETRY_COLUMNS = [
  'trial',
  'arm',
  'stage',
  'users',
  'atS',
  'part',
  'cpuCores',
  'throttledRatio',
  'memoryMb',
  'memoryLimitMb',
  'networkRxMb',
  'networkTxMb',
] as const satisfies readonly (keyof TelemetryRow)[]

type Where = Pick<TelemetryRow, 'trial' | 'arm' | 'stage' | 'users'>

/** A row for each part and each pair of neighbouring readings. @param openedMs monotonic */
export function telemetryRows(
  where: Where,
  readings: readonly Counters[],
  openedMs: number,
): TelemetryRow[] {
  return readings.slice(1).flatMap((reading, at) =>
    PARTS.flatMap((part) => {
      const [now, before] = [reading[part], readings[at]?.[part]]
      if (now === undefined || before === undefined || now.cpuUs < before.cpuUs) return []
      // The engine's answers may overtake each other: between two readings of one moment lies nothing.
      if (now.atMs <= before.atMs) return []
      const row: TelemetryRow = {
        ...where,
        atS: round((now.atMs - openedMs) / 1000),
        part,
        cpuCores: round((now.cpuUs - before.cpuUs) / (1000 * (now.atMs - before.atMs))),
        throttledRatio: roundOrNull(throttledRatio(before, now)),
        memoryMb: round(now.memoryBytes / 1e6),
        memoryLimitMb: roundOrNull(scale(now.memoryLimitBytes)),
        networkRxMb: roundOrNull(scale(now.networkRxBytes)),
        networkTxMb: roundOrNull(scale(now.networkTxBytes)),
      }
      return [row]
    }),
  )
}

export function telemetryCsv(rows: readonly TelemetryRow[]): string {
  const cells = rows.map((row) => TELEMETRY_COLUMNS.map((name) => row[name]))
  return csvText(TELEMETRY_COLUMNS, cells, '\n')
}

export function parseTelemetryCsv(text: string): TelemetryRow[] {
  return csvRows(text).map((cells) => {
    const entries = TELEMETRY_COLUMNS.map((name) => {
      const cell = cells[name] ?? ''
      return [name, name === 'arm' || name === 'part' ? cell : figureOf(cell)]
    })
    return Object.fromEntries(entries) as TelemetryRow
  })
}

/** An unknown figure is empty, and so is one that is none. */
function figureOf(cell: string): number | null {
  const value = cell.trim() === '' ? NaN : Number(cell)
  return Number.isFinite(value) ? value : null
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4
const roundOrNull = (value: number | null): number | null => (value === null ? null : round(value))
const scale = (bytes: number | null): number | null => (bytes === null ? null : bytes / 1e6)
