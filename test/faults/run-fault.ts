import type { StartedTestContainer } from 'testcontainers'
import { withConnection } from '../../runner/testbed/database.ts'
import type { Mode } from '../../services/commerce/config.ts'
import { eventually } from '../service/testing/database.ts'
import { memoryMib, publishedPort, type Stand, startFrontDoor } from './containers.ts'
import { audit } from './ledger.ts'
import { SCARCE_ITEM, startLoad } from './load.ts'
import type { Figures } from './table.ts'

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
    `UPDATE product_items SET stock = sold + ${SCARCE_STOCK} WHERE id = ${SCARCE_ITEM}`,
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
  return {
    ledger: load.ledger,
    audit: await audit(
      await stand.database(),
      name,
      load.ledger,
      fault.dropsOrders ? struckMs : -Infinity,
    ),
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

/** What a fault can lay hands on while the load goes on. */
export type Scene = Readonly<{
  stand: Stand
  mode: Mode
  service: StartedTestContainer
  /** Nginx, where the load goes through it. */
  frontDoor: StartedTestContainer | undefined
  /** To be called when the service was started again: it may be published elsewhere. */
  moved(): Promise<void>
}>

export type Fault = Readonly<{
  name: string
  /** What clients may see of it besides orders placed (201, 200) and stock sold out (409). */
  allowed: readonly string[]
  /** One of these must have been seen, or the fault was none. */
  felt: readonly string[]
  /** The load goes through Nginx. */
  throughNginx?: true
  /** Its process is meant to end, and another to start. */
  endsService?: true
  /** Orders of before are gone with their database. */
  dropsOrders?: true
  /** A request that is taken up is answered, whatever happens. */
  answersAll?: true
  /** Does it; resolves as soon as the cause is gone. */
  strike(scene: Scene): Promise<void>
}>

/** Failures with a body that says so. */
export const PROBLEMS = ['503', '504']

/** What is required of a fault beyond what is required of each, for the table in docs/faults.md. */
export function requirementOf({ allowed, throughNginx, ...fault }: Fault): string {
  const statuses = allowed.filter((outcome) => outcome !== 'lost')
  const failures = [
    ...(statuses.length > 0 ? [`${statuses.join(', ')} with a problem body`] : []),
    ...(allowed.includes('lost') ? ['lost connections'] : []),
  ]
  return [
    `fails with ${failures.join(' or ')} only`,
    ...(fault.answersAll ? ['accepted requests are answered'] : []),
    ...(fault.dropsOrders ? ['earlier orders are dropped with their database'] : []),
    ...(fault.endsService ? ['back when it is started'] : ['back within 5 s, same process']),
    ...(throughNginx ? ['through Nginx'] : []),
  ].join('; ')
}
