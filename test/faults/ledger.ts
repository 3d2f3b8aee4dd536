import { withConnection } from '../../runner/testbed/database.ts'
import type { TestDatabase } from '../../runner/testbed/testbed.ts'

/** What clients were answered about their orders, by the number that they gave each. */
export type Ledger = Readonly<{
  /** Placed, by the answer to the client: of so many pieces, and when it was asked for. */
  acknowledged: ReadonlyMap<string, Acknowledged>
  /** Asked for, and at least once the answer did not say whether it was placed. */
  inDoubt: ReadonlySet<string>
  /** Every number that was sent. */
  sent: ReadonlySet<string>
  /** Of those, the numbers of clients that never ask twice. */
  once: ReadonlySet<string>
  /** How many answers of each status; `lost` with its connection, `hung` past the client's patience. */
  outcomes: ReadonlyMap<string, number>
  /** Answers that the contract does not know, or that do not agree with an earlier one. */
  breaches: readonly string[]
  longestMs: number
}>

type Acknowledged = Readonly<{ pieces: number; sentMs: number }>

export type OpenLedger = { -readonly [Field in keyof Ledger]: Ledger[Field] } & {
  acknowledged: Map<string, Acknowledged>
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
  /** Acknowledged, and not in the database with as many pieces. */
  lost: number
  /** Stored and not completed: nobody is told so of an order. */
  pending: number
  /** Stored though no client was answered so or left in doubt. */
  unasked: number
  /** Stored though its one request was never answered. */
  unanswered: number
  /** Items of which more is sold than there was, and pieces that are sold and in no order, or the reverse. */
  wronglySold: number
}>

/**
 * Compares what the clients were answered with what is stored, order by order.
 *
 * @param name with which the numbers of these clients begin
 * @param sinceMs orders acknowledged to requests before this were dropped with the database
 */
export async function audit(
  { url, audit: sql }: Pick<TestDatabase, 'url' | 'audit'>,
  name: string,
  ledger: Ledger,
  sinceMs = -Infinity,
): Promise<Audit> {
  return withConnection(url, async (client) => {
    const stored = await client.query<StoredOrder>(
      `SELECT number, status, (SELECT count(*)::integer FROM order_items WHERE order_id = orders.id) AS pieces
         FROM orders WHERE number LIKE $1`,
      [`${name}-%`],
    )
    const { rows } = await client.query<Record<'quantity' | 'sold' | 'oversold', string>>(sql ?? '')
    const [{ quantity, sold, oversold } = { quantity: NaN, sold: NaN, oversold: NaN }] = rows
    const wronglySold = Number(oversold) + Math.abs(Number(sold) - Number(quantity))
    return { ...compare(stored.rows, ledger, sinceMs), wronglySold }
  })
}

type StoredOrder = Readonly<{ number: string; status: string; pieces: number }>

export function compare(
  stored: readonly StoredOrder[],
  { acknowledged, inDoubt, once }: Ledger,
  sinceMs: number,
): Omit<Audit, 'wronglySold'> {
  const piecesOf = new Map(stored.map(({ number, pieces }) => [number, pieces]))
  const numbers = [...piecesOf.keys()]
  return {
    stored: stored.length,
    lost: [...acknowledged].filter(
      ([number, { pieces, sentMs }]) => sentMs >= sinceMs && piecesOf.get(number) !== pieces,
    ).length,
    pending: stored.filter(({ status }) => status !== 'completed').length,
    unasked: numbers.filter((number) => !acknowledged.has(number) && !inDoubt.has(number)).length,
    unanswered: numbers.filter((number) => once.has(number) && !acknowledged.has(number)).length,
  }
}
