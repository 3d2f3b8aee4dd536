import { measureIdleDelay } from '../load/event-loop.ts'
import { outcomesOf } from '../load/figures.ts'
import { PACED_USERS, saturationBreaches } from './bounds.ts'
import type { Calibration, CalibrationRow, LocustRow, StockRow } from './calibration.ts'
import { LOCUST_CLIENTS, type LocustUser, locustVersion, measureLocust } from './locust.ts'
import { countLosses, countRestart } from './losses.ts'
import { DELAYS, measureRow, measureWindow } from './measure.ts'
import { type DelayServer, startDelayServer } from './server-process.ts'
import { measureStock } from './stock.ts'
import { measureFloor, measureWakeUs, warmUpOn } from './warm-up.ts'

export type CalibrateOptions = Readonly<{
  /** s. Length of each measured window. */
  durationS: number
  users: readonly number[]
  delays: readonly string[]
  /** ms. Think time, as in the ramp. */
  thinkMs: number
  seed: number
  short: boolean
  /** Whether Locust reads the same delays, after all else. */
  withLocust?: boolean
  /** What is done now, in words, and how much of it all is done. */
  onProgress?: (step: string, done: number, of: number) => void
}>

/** All delays under 60, 200 and 2,000 users: about five minutes. */
export const FULL: CalibrateOptions = {
  durationS: 12,
  users: [60, 200, 2000],
  delays: Object.keys(DELAYS),
  thinkMs: 500,
  seed: 1,
  short: false,
}

/** For a machine that checks every change: about half a minute. */
export const SHORT: CalibrateOptions = {
  ...FULL,
  durationS: 4,
  users: [60],
  delays: ['0ms', '10ms', 'mix'],
  short: true,
}

const WARM_UP_S = 2
/** Users without think time: more than enough to keep one core busy. */
const SATURATING_USERS = 60
const LOSS_USERS = 60
/** Of the other instruments. */
const OTHERS_USERS = 60

/**
 * Drives the load that a run drives against a server of known delays, on loopback, and holds what it
 * reads against what the server knows.
 *
 * The truth is the server's service time: from a request that is whole to its answer in the kernel's
 * hands. What the client reads is larger by the way there and back (`floor`, measured by a bare
 * socket: some 0.05 ms), and by its own lateness, which is what the bounds are for.
 */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const at = new Date().toISOString()
  const { thinkMs, seed, durationS: holdS, short } = options
  const cases = options.users.flatMap((users) => options.delays.map((delay) => ({ users, delay })))
  const locust = options.withLocust === true ? await locustVersion() : undefined
  const steps = cases.length + 5 + (locust === undefined ? 0 : 1)
  let done = 0
  const step = (name: string): void => options.onProgress?.(name, done++, steps)

  await using server = await startDelayServer()
  step('warming up')
  await warmUpOn(server)
  step('the floor: a bare socket')
  const idleDelayP99Ms = await measureIdleDelay()
  const floor = await measureFloor(server)
  const wakeUs = await measureWakeUs()
  const rows: CalibrationRow[] = []
  for (const { users, delay } of cases) {
    step(`${users} users, ${delay}`)
    const stage = { delay, users, thinkMs, seed, holdS, warmUpS: WARM_UP_S, idleDelayP99Ms }
    // Two at a time would disturb each other
    rows.push(await measureRow(server, stage))
  }
  const paced = pacedOf(rows, holdS, wakeUs)
  step('saturation')
  const saturation = await measureSaturation(server, options)
  step('faults')
  const lossOptions = { users: LOSS_USERS, holdS, seed }
  const faults = [
    ...(await countLosses(server, lossOptions)),
    ...(await countRestart(server, lossOptions)),
  ]
  step('autocannon as it stands')
  const stock = await measureStockRows(server, options)
  if (locust !== undefined) step(locust)
  const locustRows = locust === undefined ? [] : await measureLocustRows(server, options)
  const passed =
    rows.every(({ breaches }) => breaches.length === 0) &&
    faults.every((fault) => fault.passed) &&
    saturation.breaches.length === 0
  const judged = { rows, faults, paced, saturation }
  const own = { at, node: process.version, passed, short, floor, ...judged, stock }
  return locust === undefined ? own : { ...own, locust: { version: locust, rows: locustRows } }
}

/** What a request costs at the ramp's rate, over all rows of it, beside what waking up costs. */
function pacedOf(
  rows: readonly CalibrationRow[],
  holdS: number,
  wakeUs: number,
): Calibration['paced'] {
  const paced = rows.filter(({ users }) => users < PACED_USERS)
  const requests = paced.reduce((sum, row) => sum + row.requests, 0)
  const cpuMs = paced.reduce((sum, row) => sum + row.cpuSPer1000 * row.requests, 0)
  const cpuSPer1000 = cpuMs / requests
  const throughputPerS = requests / (paced.length * holdS)
  return { requests, throughputPerS, cpuSPer1000, wakeUs }
}

async function measureSaturation(
  server: DelayServer,
  { durationS: holdS, seed }: CalibrateOptions,
): Promise<Calibration['saturation']> {
  const users = SATURATING_USERS
  const stage = { delay: '0ms', users, thinkMs: 0, warmUpS: WARM_UP_S, holdS, seed }
  const { window } = await measureWindow(server, stage)
  const { sent, succeeded } = outcomesOf(window)
  const cpuSPer1000 = (window.cpuS / sent) * 1000
  return {
    users,
    throughputPerS: succeeded / window.lengthS,
    cpuSPer1000,
    breaches: saturationBreaches(cpuSPer1000),
  }
}

async function measureStockRows(
  server: DelayServer,
  { delays, thinkMs, durationS: holdS }: CalibrateOptions,
): Promise<StockRow[]> {
  const rows: StockRow[] = []
  for (const delay of delays) {
    // Two at a time would disturb each other
    rows.push(await measureStock(server, { delay, users: OTHERS_USERS, thinkMs, holdS }))
  }
  return rows
}

async function measureLocustRows(
  server: DelayServer,
  { delays, thinkMs, durationS: holdS }: CalibrateOptions,
): Promise<LocustRow[]> {
  const rows: LocustRow[] = []
  for (const user of Object.keys(LOCUST_CLIENTS) as LocustUser[]) {
    for (const delay of delays) {
      const stage = { user, delay, users: OTHERS_USERS, thinkMs, warmUpS: WARM_UP_S, holdS }
      // Two at a time would disturb each other
      rows.push(await measureLocust(server, stage))
    }
  }
  return rows
}
