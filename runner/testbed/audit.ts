import type { Audit } from '../measurement/trial.ts'
import { withConnection } from './database.ts'

type Stored = Readonly<{ stored: number; quantity: number; sold: number; oversold: number }>

/** What the database holds of orders and stock, read in one snapshot. */
export async function readStored(databaseUrl: string): Promise<Stored> {
  return await withConnection(databaseUrl, async (client) => {
    const { rows } = await client.query<Record<keyof Stored, string>>(
      `SELECT (SELECT count(*) FROM orders) AS stored,
              (SELECT coalesce(sum(quantity), 0) FROM orders) AS quantity,
              (SELECT coalesce(sum(sold), 0) FROM products) AS sold,
              (SELECT count(*) FROM products WHERE sold > stock) AS oversold`,
    )
    const row = rows[0] ?? { stored: 0, quantity: 0, sold: 0, oversold: 0 }
    return {
      stored: Number(row.stored),
      quantity: Number(row.quantity),
      sold: Number(row.sold),
      oversold: Number(row.oversold),
    }
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
