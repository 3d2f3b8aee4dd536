import { setTimeout as sleep } from 'node:timers/promises'
import { SHOP } from '../kit.ts'
import { type Loaders, startLoaders } from '../load/loaders.ts'
import type { WindowRecord } from '../load/recorder.ts'
import { breachesOf, isSaturated } from './bounds.ts'
import type { CalibrationRow } from './calibration.ts'
import { type KnownTimes, lossesOf, truthOf, unjudgedRow } from './measure.ts'
import { type DelayServer, startDelayServer } from './server-process.ts'
import type { ServerLog } from './server/protocol.ts'
import { warmUpOn } from './warm-up.ts'

export type LoadersOptions = Readonly<{
  loaders: number
  users: readonly number[]
  delays: readonly string[]
  /** ms. */
  thinkMs: number
  warmUpS: number
  holdS: number
  seed: number
  onProgress?: (step: string, done: number, of: number) => void
}>

/** Some two minutes on a machine that has a core for each loader and for each server. */
export const CROWDS: Omit<LoadersOptions, 'loaders'> = {
  users: [4_000, 8_000, 16_000],
  delays: ['10ms', '100ms', 'mix'],
  thinkMs: 500,
  warmUpS: 3,
  holdS: 10,
  seed: 1,
}

/** What all loaders read together, beside what their servers know. */
type LoadersRow = CalibrationRow &
  Readonly<{
    /** Requests that the servers had whole within the windows. */
    known: number
    /** CPU cores of the busiest loader: each event loop has one at most. */
    busiestCores: number
    /** Users whose load one core can drive at this rate: those of the row over the cores used. */
    usersPerCore: number
  }>

export type LoadersCalibration = Readonly<{
  at: string
  node: string
  loaders: number
  /** ms. Between the requests of a user. */
  thinkMs: number
  passed: boolean
  rows: readonly LoadersRow[]
}>

const TIMEOUT_MS = 10_000
/** ms. Until the sockets of a row are closed on both sides. */
const REST_MS = 1_000

/**
 * Holds several loaders together against known delays, each on a server of its own: one server's event
 * loop would be full long before theirs.
 *
 * @throws Error naming the loader that ended
 */
export async function calibrateLoaders(options: LoadersOptions): Promise<LoadersCalibration> {
  const at = new Date().toISOString()
  const cases = options.users.flatMap((users) => options.delays.map((delay) => ({ users, delay })))
  await using disposal = new AsyncDisposableStack()
  const servers: DelayServer[] = []
  for (let index = 0; index < options.loaders; index += 1) {
    servers.push(disposal.use(await startDelayServer()))
  }
  // After the servers, which are given what the tokens are signed by: it is inherited.
  const loaders = disposal.use(await startLoaders(options.loaders))
  const [first] = servers
  if (first !== undefined) await warmUpOn(first, loaders)
  const rows: LoadersRow[] = []
  for (const { users, delay } of cases) {
    options.onProgress?.(`${users} users, ${delay}`, rows.length, cases.length)
    // One at a time: two would disturb each other.
    rows.push(await measureLoaders(loaders, servers, { ...options, users, delay }))
  }
  const passed = rows.every(({ breaches }) => breaches.length === 0)
  const { loaders: count, thinkMs } = options
  return { at, node: process.version, loaders: count, thinkMs, passed, rows }
}

type Case = Omit<LoadersOptions, 'users' | 'delays'> & Readonly<{ users: number; delay: string }>

async function measureLoaders(
  loaders: Loaders,
  servers: readonly DelayServer[],
  options: Case,
): Promise<LoadersRow> {
  const { users, delay, thinkMs, seed } = options
  const urlOf = (index: number): string => `${servers[index]?.url}/${delay}`
  const load = loaders.start(
    {
      url: urlOf(0),
      thinkMs: { min: thinkMs, max: thinkMs },
      timeoutMs: TIMEOUT_MS,
      seed,
      scenario: SHOP,
    },
    urlOf,
  )
  try {
    await Promise.all(servers.map((server) => server.takeLog()))
    await load.apply({ users })
    await sleep(options.warmUpS * 1000)
    load.openWindow()
    await sleep(options.holdS * 1000)
    const window = await load.closeWindow()
    return rowOfLoaders(options, window, await Promise.all(servers.map((each) => each.takeLog())))
  } finally {
    await load.stop()
    await sleep(REST_MS)
  }
}

/** @param logs of the servers, in the order of the loaders */
function rowOfLoaders(
  options: Pick<Case, 'users' | 'delay' | 'thinkMs'>,
  window: WindowRecord,
  logs: readonly ServerLog[],
): LoadersRow {
  const parts = window.loaders ?? []
  // Each by the edges of its own window: all clocks are the machine's.
  const known = parts.flatMap(({ openedAfterMs, lengthS }, index) => {
    const log = logs[index]
    if (log === undefined) return []
    return truthOf({ openedAtMs: window.openedAtMs + openedAfterMs, lengthS }, log)
  })
  const truth = joined(known)
  // The bound is of one process, however many there are.
  const memoryMb = Math.max(...parts.map(({ memoryBytes }) => memoryBytes)) / 1e6
  const row = unjudgedRow(options, window, truth, memoryMb)
  const states = parts.map(({ cpuS, lengthS, eventLoopDelayP99Ms, idleDelayP99Ms }) => ({
    cpuCores: cpuS / lengthS,
    eventLoopDelayP99Ms,
    idleDelayP99Ms,
  }))
  const saturated = states.some((state) => isSaturated(state, state.idleDelayP99Ms))
  return {
    ...row,
    saturated,
    breaches: [...breachesOf(row, saturated), ...lossesOf(window)],
    known: truth.serviceMs.length,
    busiestCores: Math.max(...states.map(({ cpuCores }) => cpuCores)),
    usersPerCore: row.users / row.cpuCores,
  }
}

function joined(parts: readonly KnownTimes[]): KnownTimes {
  const of = (pick: (part: KnownTimes) => Float64Array): Float64Array => {
    const all = new Float64Array(parts.reduce((length, part) => length + pick(part).length, 0))
    let at = 0
    for (const part of parts) {
      all.set(pick(part), at)
      at += pick(part).length
    }
    return all
  }
  return { serviceMs: of((part) => part.serviceMs), gapMs: of((part) => part.gapMs) }
}
