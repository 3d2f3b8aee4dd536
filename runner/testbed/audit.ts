import type { Audit } from '../measurement/trial.ts'
import { withConnection } from './database.ts'

type Stored = Readonly<{ stored: number; quantity: number; sold: number; oversold: number }>

/**
 * What the database holds, by the audit of the scenario: one query, so one snapshot. What a column that it does
 * not have would say is 0.
 *
 * @throws where it gives no `stored`, or anything that is no count
 */
export async function readStored(databaseUrl: string, audit: string): Promise<Stored> {
  return await withConnection(databaseUrl, async (client) => {
    const { rows } = await client.query<Readonly<Record<string, unknown>>>(audit)
    const { stored, quantity = 0, sold = 0, oversold = 0 } = rows[0] ?? {}
    const read = {
      stored: Number(stored ?? NaN),
      quantity: Number(quantity),
      sold: Number(sold),
      oversold: Number(oversold),
    }
    const wrong = Object.entries(read).find(([, count]) => !Number.isSafeInteger(count))
    if (wrong === undefined) return read
    throw new Error(`the audit of the scenario gives no count as ${wrong[0]}`)
  })
}

/**
 * Was every acknowledged order kept, and none twice?
 *
 * @param before what was stored when the load began
 * @param answered what the load was answered: orders answered 201, and those whose answer left it in doubt
 */
export function judgeStored(
  before: Stored,
  after: Stored,
  answered: Readonly<{ acknowledged: number; inDoubt: number }>,
): Audit {
  const stored = after.stored - before.stored
  const kept = answered.acknowledged <= stored && stored <= answered.acknowledged + answered.inDoubt
  const passed = kept && after.quantity === after.sold && after.oversold === 0
  return { ...answered, ...after, stored, passed }
}
