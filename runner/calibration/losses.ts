import { setTimeout as sleep } from 'node:timers/promises'
import { allFigures, outcomesOf } from '../load/figures.ts'
import { startClosed } from '../load/closed.ts'
import type { Load } from '../load/load.ts'
import type { WindowRecord } from '../load/recorder.ts'
import type { FaultRow } from './calibration.ts'
import type { DelayServer } from './server-process.ts'
import { type Fault, FAULTS, type ServerLog } from './server/protocol.ts'

/** The class under which each fault must be counted; null if it must not be counted at all. */
const CLASS_OF: Readonly<Record<Fault, string | null>> = {
  FIN: 'connection-lost',
  RST: 'connection-lost',
  'Connection: close': null,
  hang: 'timeout',
  '503': 'status-503',
  '500': 'status-500',
  'broken body': 'invalid-body',
  garbage: 'invalid-response',
}

/** ms. Below it a busy machine could make a time-out of an answer. */
const TIMEOUT_MS = 3000
const DOWN_MS = 1000
/** Every 11th request: no multiple of the journey's four steps, so that each of them meets faults. */
const EVERY = 11

export type LossOptions = Readonly<{ users: number; holdS: number; seed: number }>

const loadOn = (server: DelayServer, path: string, { seed }: LossOptions): Load =>
  startClosed({
    url: `${server.url}/${path}`,
    thinkMs: { min: 20, max: 60 },
    timeoutMs: TIMEOUT_MS,
    seed,
    journey: server.scenario.journey,
  })

/** Injects every fault many times, and counts to the last one: the window holds the load's whole life. */
export async function countLosses(server: DelayServer, options: LossOptions): Promise<FaultRow[]> {
  const load = loadOn(server, 'faults', options)
  try {
    await server.takeLog()
    await server.inject(EVERY)
    load.openWindow()
    await load.apply({ users: options.users })
    await sleep(options.holdS * 1000)
    await load.apply({ users: 0 })
    const window = await load.closeWindow()
    await server.inject(0)
    return lossRows(window, await server.takeLog())
  } finally {
    await load.stop()
  }
}

export function lossRows(window: WindowRecord, log: ServerLog): FaultRow[] {
  const { errors } = allFigures(window)
  const classes = new Set(Object.values(CLASS_OF).filter((name) => name !== null))
  const rows = [...classes].map((name) => {
    const faults = FAULTS.filter((fault) => CLASS_OF[fault] === name)
    const injected = faults.reduce((sum, fault) => sum + log.injected[fault], 0)
    return exactly(faults.join(', '), name, injected, errors[name] ?? 0)
  })
  const unexpected = outcomesOf(window).failed - rows.reduce((sum, { counted }) => sum + counted, 0)
  const announced = log.injected['Connection: close']
  return [
    ...rows,
    exactly(`Connection: close (${announced})`, 'any other failure', 0, unexpected),
    ...Object.entries(window.endpoints).map(([endpoint, { sent }]) =>
      exactly(`${endpoint} received`, 'sent', log.received[endpoint] ?? 0, sent),
    ),
  ]
}

const exactly = (
  fault: string,
  countedAs: string,
  injected: number,
  counted: number,
): FaultRow => ({ fault, countedAs, injected, counted, passed: injected === counted })

/**
 * The server goes away for a second. What it cut, it knows; a request that was on its way then is
 * lost as well, at most one a user; and who connects meanwhile is refused.
 */
export async function countRestart(server: DelayServer, options: LossOptions): Promise<FaultRow[]> {
  // Slow enough that there is something to cut.
  const load = loadOn(server, '100ms', options)
  try {
    load.openWindow()
    await load.apply({ users: options.users })
    await sleep(500)
    const cut = await server.restart(DOWN_MS)
    const { errors } = allFigures(await load.closeWindow())
    await sleep(1500)
    load.openWindow()
    await sleep(500)
    const after = allFigures(await load.closeWindow())
    const lost = errors['connection-lost'] ?? 0
    const refused = errors['connection-refused'] ?? 0
    const failed = Object.values(after.errors).reduce((sum, count) => sum + count, 0)
    return [
      {
        fault: 'restart: requests cut',
        countedAs: 'connection-lost',
        injected: cut,
        counted: lost,
        passed: lost >= cut && lost <= cut + options.users,
      },
      {
        fault: 'restart: users refused',
        countedAs: 'connection-refused',
        injected: options.users,
        counted: refused,
        passed: refused >= options.users,
      },
      {
        fault: 'restart: failures after it',
        countedAs: 'any failure',
        injected: 0,
        counted: failed,
        passed: failed === 0 && after.requests > 0,
      },
    ]
  } finally {
    await load.stop()
  }
}
