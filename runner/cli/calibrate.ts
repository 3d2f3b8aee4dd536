import { join } from 'node:path'
import { calibrate, FULL, SHORT } from '../calibration/calibrate.ts'
import { calibrationText } from '../calibration/table.ts'
import { hostEnvironment } from '../environment.ts'
import { keepCalibration } from '../results/calibration-file.ts'
import { KIT } from '../testbed/service-sql.ts'
import { UsageError } from './usage.ts'

/** Where the last calibration is kept: beside the runs, which cite it. */
export const CALIBRATION_FILE = join(KIT, 'results', 'calibration.json')

/** `calibrate [--short]`: holds the instrument against known delays. @returns 1 if a bound broke */
export async function runCalibration(args: readonly string[]): Promise<number> {
  const unknown = args.filter((word) => word !== '--short')
  if (unknown.length > 0) {
    throw new UsageError([`calibrate does not know ${unknown.join(' ')}. It takes --short.`])
  }
  const options = args.includes('--short') ? SHORT : FULL
  const calibration = await calibrate({
    ...options,
    onProgress: (step, done, of) => void process.stderr.write(`[${done + 1}/${of}] ${step}\n`),
  })
  await keepCalibration(CALIBRATION_FILE, hostEnvironment(), calibration)
  process.stdout.write(`${calibrationText(calibration)}\n`)
  return calibration.passed ? 0 : 1
}
