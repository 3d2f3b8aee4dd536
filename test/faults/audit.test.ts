import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare, openLedger } from './ledger.ts'

const FINE = { stored: 1, lost: 0, pending: 0, unasked: 0, unanswered: 0 }
const A = { number: 'a', status: 'completed', pieces: 2 }

/** A client that never asks twice was answered order `a`, of two pieces, asked for at 100 ms. */
const ACKNOWLEDGED = {
  ...openLedger(),
  acknowledged: new Map([['a', { pieces: 2, sentMs: 100 }]]),
  once: new Set(['a', 'b']),
}

const cases = [
  { name: 'what was acknowledged is stored', stored: [A], finds: FINE },
  { name: 'an acknowledged order is gone', stored: [], finds: { ...FINE, stored: 0, lost: 1 } },
  {
    name: 'it has lost a piece',
    stored: [{ ...A, pieces: 1 }],
    finds: { ...FINE, lost: 1 },
  },
  {
    name: 'it is left pending',
    stored: [{ ...A, status: 'pending' }],
    finds: { ...FINE, pending: 1 },
  },
  {
    name: 'an order that was refused is stored',
    stored: [A, { ...A, number: 'c' }],
    finds: { ...FINE, stored: 2, unasked: 1 },
  },
  {
    name: 'one in doubt is stored, of a client that did not ask again',
    ledger: { inDoubt: new Set(['b']) },
    stored: [A, { ...A, number: 'b' }],
    finds: { ...FINE, stored: 2, unanswered: 1 },
  },
  {
    name: 'its database was dropped after it was acknowledged',
    sinceMs: 200,
    stored: [],
    finds: { ...FINE, stored: 0 },
  },
]

for (const { name, ledger = {}, stored, sinceMs = -Infinity, finds } of cases) {
  test(`the audit sees it when ${name}`, () => {
    assert.deepEqual(compare(stored, { ...ACKNOWLEDGED, ...ledger }, sinceMs), finds)
  })
}
