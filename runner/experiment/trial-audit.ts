import type { Load } from '../load/load.ts'
import type { Trial } from '../measurement/trial.ts'
import { judgeStored, readStored } from '../testbed/audit.ts'
import type { TestDatabase } from '../testbed/testbed.ts'
import { messageOf } from './stage.ts'

/** What the database of a trial stores before its load; null where the kit has no access to it, or no audit. */
export const storedBefore = async (database: TestDatabase | null): Promise<Stored | null> =>
  database?.audit ? await readStored(auditUrl(database), database.audit) : null

type Stored = Awaited<ReturnType<typeof readStored>>

/** Holds what the loads of a trial were told against what the database stores. @throws if it cannot be read */
export async function auditInto(
  trial: Trial,
  loads: readonly Load[],
  before: Stored | null,
  database: TestDatabase | null,
): Promise<void> {
  if (before === null || !database?.audit) return
  const totals = loads.map((load) => load.totals())
  const acknowledged = totals.reduce((sum, { ordersAcknowledged }) => sum + ordersAcknowledged, 0)
  const inDoubt = totals.reduce((sum, { ordersInDoubt }) => sum + ordersInDoubt, 0)
  const after = await described(
    'The orders could not be audited',
    readStored(auditUrl(database), database.audit),
  )
  trial.audit = judgeStored(before, after, { acknowledged, inDoubt })
}

/** As a superuser: the services may hold every connection that is not kept for one. */
function auditUrl({ adminUrl, name }: TestDatabase): string {
  const url = new URL(adminUrl)
  url.pathname = `/${encodeURIComponent(name)}`
  return url.href
}

/** @throws with what could not be done */
export const recreated = (database: TestDatabase): Promise<void> =>
  described('The database could not be recreated', database.recreate())

async function described<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    throw new Error(`${what}: ${messageOf(cause)}.`, { cause })
  }
}
