import type { StartedTestContainer } from 'testcontainers'
import { withConnection } from '../../../runner/testbed/connection.ts'
import type { Mode } from '../../../services/commerce/config.ts'
import { eventually } from '../../service/testing/database.ts'
import { audit } from './audit.ts'
import { memoryMib, publishedPort } from './container.ts'
import type { Fault } from './fault.ts'
import type { Figures } from './figures.ts'
import { SCARCE_PRODUCT, startLoad } from './load.ts'
import { type Stand, startFrontDoor } from './stand.ts'

/** The requirement: so soon after its database the service is back. */
const BACK_WITHIN_MS = 5_000

/** Far longer than any of this takes: what is not there by then never comes. */
const SAFETY_MS = 30_000

const SCARCE_STOCK = 40

/** Connections that a mode may keep when nothing is asked of it: `DB_POOL_MAX` and `DB_WORKERS`. */
const KEPT: Readonly<Record<Mode, number>> = { pooled: 10, persistent: 10, 'per-request': 0 }

/** Puts the service under load, strikes, waits until it is back, and counts what is left of it all. */
export async function runFault(
  stand: Stand,
  mode: Mode,
  service: StartedTestContainer,
  fault: Fault,
  name: string,
): Promise<Figures> {
  await using door = fault.throughNginx ? await startFrontDoor(stand, mode) : undefined
  const locate = async (): Promise<string> =>
    `http://127.0.0.1:${await publishedPort(door ?? service, 8080)}${door ? `/${mode}` : ''}`
  let origin = await locate()
  await admin(
    stand,
    `UPDATE products SET stock = sold + ${SCARCE_STOCK} WHERE id = ${SCARCE_PRODUCT}`,
  )

  const load = startLoad(() => origin, name)
  const servesAll = (sinceMs: number): Promise<void> =>
    eventually('every client is served', () => load.servesAllSince(sinceMs), SAFETY_MS)
  let struckMs: number
  let recoveredMs: number
  let memory: { before: number; after: number }
  try {
    await servesAll(performance.now())
    const before = await memoryMib(service)
    const moved = async (): Promise<void> => void (origin = await locate())
    await fault.strike({ stand, mode, service, frontDoor: door, moved })
    struckMs = performance.now()
    const sinceMs = struckMs
    // A process that starts takes what the machine takes; the requirement is of the database.
    const withinMs = fault.endsService ? SAFETY_MS : BACK_WITHIN_MS
    await eventually('an order is placed again', () => load.placesSince(sinceMs), withinMs)
    recoveredMs = performance.now() - struckMs
    await servesAll(struckMs)
    memory = { before, after: await memoryMib(service) }
  } finally {
    await load.stop()
  }

  await eventually(
    'the service has let go of its connections',
    async () => {
      return (await connections(stand)) <= KEPT[mode]
    },
    SAFETY_MS,
  )
  const { url } = await stand.database()
  return {
    ledger: load.ledger,
    audit: await audit(url, name, load.ledger, fault.dropsOrders ? struckMs : -Infinity),
    recoveredMs,
    leaked: Math.max(0, (await connections(stand)) - KEPT[mode]),
    memoryMib: memory,
  }
}

async function connections(stand: Stand): Promise<number> {
  const sql = `SELECT FROM pg_stat_activity WHERE application_name LIKE 'samehost %'`
  return (await admin(stand, sql)) ?? 0
}

/** As the superuser, who has connections of their own; gives how many rows there were. */
async function admin(stand: Stand, sql: string): Promise<number | null> {
  const database = await stand.database()
  const url = new URL(database.adminUrl)
  url.pathname = `/${database.name}`
  return withConnection(url.href, async (client) => (await client.query(sql)).rowCount)
}
