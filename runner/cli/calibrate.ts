import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { calibrate, FULL, SHORT } from '../calibration/calibrate.ts'
import { calibrateLoaders, CROWDS } from '../calibration/loaders.ts'
import { calibrationText, loadersText } from '../calibration/table.ts'
import { hostEnvironment, KIT } from '../kit.ts'
import { parseDurationMs } from '../plan/plan.ts'
import { keepCalibration } from '../results/calibration-file.ts'
import { writeWhole } from '../results/whole-file.ts'
import { UsageError } from './options.ts'

/** Where the last calibration is kept: beside the runs, which cite it. */
export const CALIBRATION_FILE = join(KIT, 'results', 'calibration.json')

/** What several loaders read is kept by itself: a run cites the calibration of one. */
const LOADERS_FILE = join(KIT, 'results', 'calibration-loaders.json')

const USAGE = 'It takes --short and --with locust; or --loaders N, with --users A,B and --think 5s.'

/**
 * `calibrate [--short] [--with locust]`: holds the instrument against known delays, and another's
 * reading of them beside it. @returns 1 if a bound broke
 */
export async function runCalibration(args: readonly string[]): Promise<number> {
  const { short, withLocust, loaders, users, thinkMs } = parse(args)
  if (loaders !== null) return await runLoadersCalibration(loaders, users, thinkMs)
  const options = { ...(short ? SHORT : FULL), withLocust }
  const calibration = await calibrate({
    ...options,
    onProgress: tellProgress,
  })
  await keepCalibration(CALIBRATION_FILE, hostEnvironment(), calibration)
  process.stdout.write(`${calibrationText(calibration)}\n`)
  return calibration.passed ? 0 : 1
}

/**
 * `calibrate --loaders N [--users A,B] [--think 5s]`: N loaders together, at thousands of users. With a longer
 * pause a machine of few cores holds as many.
 */
async function runLoadersCalibration(
  loaders: number,
  users: readonly number[] | null,
  thinkMs = CROWDS.thinkMs,
): Promise<number> {
  const calibration = await calibrateLoaders({
    ...CROWDS,
    ...(users === null ? {} : { users }),
    thinkMs,
    // The first pause of a user is over before the window begins.
    warmUpS: Math.max(CROWDS.warmUpS, thinkMs / 1000),
    loaders,
    onProgress: tellProgress,
  })
  await writeWhole(LOADERS_FILE, `${JSON.stringify(calibration, null, 1)}\n`)
  process.stdout.write(`${loadersText(calibration)}\n`)
  return calibration.passed ? 0 : 1
}

const tellProgress = (step: string, done: number, of: number): void =>
  void process.stderr.write(`[${done + 1}/${of}] ${step}\n`)

type Asked = Readonly<{
  short: boolean
  withLocust: boolean
  /** null: one process, in detail. */
  loaders: number | null
  users: readonly number[] | null
  thinkMs: number | undefined
}>

function parse(args: readonly string[]): Asked {
  const whole = (text: string): number => {
    if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
    throw new Error(text)
  }
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        short: { type: 'boolean', default: false },
        with: { type: 'string' },
        loaders: { type: 'string' },
        users: { type: 'string' },
        think: { type: 'string' },
      },
    })
    const { loaders, users, think } = values
    const many = users !== undefined || think !== undefined
    const thinkMs = think === undefined ? undefined : parseDurationMs(think)
    if (thinkMs === null || thinkMs === 0) throw new Error(think)
    if (loaders === undefined ? many : values.short || values.with !== undefined) {
      throw new Error('these do not go together')
    }
    if (values.with !== undefined && values.with !== 'locust') throw new Error(values.with)
    return {
      short: values.short,
      withLocust: values.with === 'locust',
      loaders: loaders === undefined ? null : whole(loaders),
      users: users === undefined ? null : users.split(',').map(whole),
      thinkMs,
    }
  } catch {
    throw new UsageError([`calibrate does not know ${args.join(' ')}. ${USAGE}`])
  }
}
