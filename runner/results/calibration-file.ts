import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { Calibration } from '../calibration/calibration.ts'
import { readPlain } from '../foreign/file.ts'
import type { Environment } from '../measurement/environment.ts'
import { writeWhole } from './whole-file.ts'

/** A full calibration has some 10 kB. */
const MAX_BYTES = 2 ** 20

/** A calibration holds for the machine it was made on, so the file says which that was. */
const CalibrationFile = Type.Object({ machine: Type.String(), calibration: Calibration })

type Host = Pick<Environment['host'], 'cpuModel' | 'cores' | 'platform'>

const machineOf = ({ cpuModel, cores, platform }: Host): string =>
  `${cores} × ${cpuModel ?? 'unknown'}, ${platform}`

/** Keeps the last calibration beside the runs, for their reports to cite. */
export async function keepCalibration(
  path: string,
  host: Host,
  calibration: Calibration,
): Promise<void> {
  const file = { machine: machineOf(host), calibration }
  await writeWhole(path, `${JSON.stringify(file, null, 1)}\n`)
}

/** @throws if there is none, or if it is of another version of this kit */
export async function readCalibration(path: string): Promise<Type.Static<typeof CalibrationFile>> {
  const file: unknown = JSON.parse(await readPlain(path, MAX_BYTES))
  if (Value.Check(CalibrationFile, file)) return file
  throw new Error(`${path} is no calibration of this version: run calibrate again`)
}

/** The last calibration on this machine, in a line; null if there is none. */
export async function lastCalibration(
  path: string,
  host: Host,
): Promise<Environment['calibration']> {
  try {
    const { machine, calibration } = await readCalibration(path)
    if (machine !== machineOf(host)) return null
    const { at, passed, rows } = calibration
    return { at, passed, summary: summaryOf(rows) }
  } catch {
    return null
  }
}

function summaryOf(rows: Calibration['rows']): string {
  const worst = (name: 'meanMs' | 'p99Ms'): string => {
    const off = rows.map(({ measured, truth }) => Math.abs(measured[name] - truth[name]))
    return Math.max(0, ...off).toFixed(2)
  }
  const users = rows.map((row) => row.users)
  const range = `${Math.min(...users)} to ${Math.max(...users)} users`
  return `mean within ${worst('meanMs')} ms and p99 within ${worst('p99Ms')} ms of the truth at ${range}`
}
