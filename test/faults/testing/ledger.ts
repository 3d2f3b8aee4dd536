/** What a client was told of its orders, by the mark (the `Idempotency-Key`) that it gave each. */
export type Ledger = Readonly<{
  /** Placed, as the client was told: its number, and when it was asked for. */
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
