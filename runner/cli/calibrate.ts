import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { calibrate, FULL, SHORT } from '../calibration/calibrate.ts'
import { calibrationText } from '../calibration/table.ts'
import { hostEnvironment, KIT } from '../kit.ts'
import { keepCalibration } from '../results/calibration-file.ts'
import { UsageError } from './options.ts'

/** Where the last calibration is kept: beside the runs, which cite it. */
export const CALIBRATION_FILE = join(KIT, 'results', 'calibration.json')

const USAGE = 'It takes --short, and --with locust.'

/**
 * `calibrate [--short] [--with locust]`: holds the instrument against known delays, and another's
 * reading of them beside it. @returns 1 if a bound broke
 */
export async function runCalibration(args: readonly string[]): Promise<number> {
  const { short, withLocust } = parse(args)
  const options = { ...(short ? SHORT : FULL), withLocust }
  const calibration = await calibrate({
    ...options,
    onProgress: (step, done, of) => void process.stderr.write(`[${done + 1}/${of}] ${step}\n`),
  })
  await keepCalibration(CALIBRATION_FILE, hostEnvironment(), calibration)
  process.stdout.write(`${calibrationText(calibration)}\n`)
  return calibration.passed ? 0 : 1
}

function parse(args: readonly string[]): Readonly<{ short: boolean; withLocust: boolean }> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { short: { type: 'boolean', default: false }, with: { type: 'string' } },
    })
    if (values.with !== undefined && values.with !== 'locust') throw new Error(values.with)
    return { short: values.short, withLocust: values.with === 'locust' }
  } catch {
    throw new UsageError([`calibrate does not know ${args.join(' ')}. ${USAGE}`])
  }
}
