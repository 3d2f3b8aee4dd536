import { withConnection } from '../../runner/testbed/database.ts'

/** What a client was answered about its orders, by the mark (the `Idempotency-Key`) that it gave each. */
export type Ledger = Readonly<{
  /** Placed, by the answer to the client: its number, and when it was asked for. */
  acknowledged: ReadonlyMap<string, Readonly<{ id: number; sentMs: number }>>
  /** Asked for, and at least once the answer did not say whether it was placed. */
  inDoubt: ReadonlySet<string>
  /** Every mark that was sent. */
  sent: ReadonlySet<string>
  /** Of those, the marks of clients that never ask twice. */
  once: ReadonlySet<string>
  /** How many answers of each status; `lost` with its connection, `hung` past the client's patience. */
  outcomes: ReadonlyMap<string, number>
  /** Answers that the contract does not know. */
  breaches: readonly string[]
  longestMs: number
}>

export type OpenLedger = { -readonly [Field in keyof Ledger]: Ledger[Field] } & {
  acknowledged: Map<string, { id: number; sentMs: number }>
  inDoubt: Set<string>
  sent: Set<string>
  once: Set<string>
  outcomes: Map<string, number>
  breaches: string[]
}

export function openLedger(): OpenLedger {
  return {
    acknowledged: new Map(),
    inDoubt: new Set(),
    sent: new Set(),
    once: new Set(),
    outcomes: new Map(),
    breaches: [],
    longestMs: 0,
  }
}

export type Audit = Readonly<{
  stored: number
  /** Acknowledged, and not in the database under the number that the client was given. */
  lost: number
  /** Marks under which more than one order is stored, and orders without a mark. */
  twice: number
  /** Stored though no client was answered so or left in doubt. */
  unasked: number
  /** Products of which more is sold than there is, or another quantity than was ordered. */
  wronglySold: number
  /** Stored though its one request was never answered. */
  unanswered: number
}>

/**
 * Compares what the clients were answered with what is stored, order by order.
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
  const known = (mark: string): boolean => acknowledged.has(mark) || inDoubt.has(mark)
  const marks = [...ids.keys()].filter((mark) => mark !== null)
  return {
    stored: stored.length,
    lost: [...acknowledged].filter(
      ([mark, { id, sentMs }]) => sentMs >= sinceMs && ids.get(mark) !== id,
    ).length,
    twice: stored.length - marks.length,
    unasked: marks.filter((mark) => !known(mark)).length,
    unanswered: [...once].filter((mark) => ids.has(mark) && !acknowledged.has(mark)).length,
  }
}
