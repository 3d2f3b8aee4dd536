import { withConnection } from '../../../runner/testbed/connection.ts'
import type { Ledger } from './ledger.ts'

export type Audit = Readonly<{
  stored: number
  /** Acknowledged, and not in the database under the number that the client was given. */
  lost: number
  /** Marks under which more than one order is stored, and orders without a mark. */
  twice: number
  /** Stored though no client was told so or left in doubt. */
  unasked: number
  /** Products of which more is sold than there is, or another quantity than was ordered. */
  wronglySold: number
  /** Stored though its one request was never answered. */
  unanswered: number
}>

/**
 * Compares what the clients were told with what is stored, order by order.
 *
 * @param sinceMs orders acknowledged to requests before this were dropped with the database
 */
export async function audit(
  url: string,
  name: string,
  ledger: Ledger,
  sinceMs: number,
): Promise<Audit> {
  return withConnection(url, async (client) => {
    const rows = await client.query<{ id: string; mark: string | null }>(
      `SELECT id, idempotency_key AS mark FROM orders
        WHERE idempotency_key IS NULL OR idempotency_key LIKE $1`,
      [`${name}-%`],
    )
    const wrong = await client.query(
      `SELECT FROM products
         LEFT JOIN (SELECT product_id, sum(quantity) AS ordered FROM orders GROUP BY 1) AS placed
                ON product_id = products.id
        WHERE sold > stock OR sold <> coalesce(ordered, 0)`,
    )
    return { ...compare(rows.rows, ledger, sinceMs), wronglySold: wrong.rows.length }
  })
}

type StoredOrder = Readonly<{ id: string; mark: string | null }>

export function compare(
  stored: readonly StoredOrder[],
  { acknowledged, inDoubt, once }: Ledger,
  sinceMs: number,
): Omit<Audit, 'wronglySold'> {
  const ids = new Map(stored.map(({ id, mark }) => [mark, Number(id)]))
  const told = (mark: string): boolean => acknowledged.has(mark) || inDoubt.has(mark)
  const marks = [...ids.keys()].filter((mark) => mark !== null)
  return {
    stored: stored.length,
    lost: [...acknowledged].filter(
      ([mark, { id, sentMs }]) => sentMs >= sinceMs && ids.get(mark) !== id,
    ).length,
    twice: stored.length - marks.length,
    unasked: marks.filter((mark) => !told(mark)).length,
    unanswered: [...once].filter((mark) => ids.has(mark) && !acknowledged.has(mark)).length,
  }
}
