import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare, openLedger } from './ledger.ts'

const FINE = { stored: 1, lost: 0, twice: 0, unasked: 0, unanswered: 0 }
const A = { id: '7', mark: 'a' }

/** A client that never asks twice was answered order 7, at 100 ms, under the mark `a`. */
const ACKNOWLEDGED_ORDERS = {
  ...openLedger(),
  acknowledged: new Map([['a', { id: 7, sentMs: 100 }]]),
  once: new Set(['a', 'b']),
}

const cases = [
  { name: 'what was acknowledged is stored', stored: [A], finds: FINE },
  { name: 'an acknowledged order is gone', stored: [], finds: { ...FINE, stored: 0, lost: 1 } },
  {
    name: 'another order stands under its mark',
    stored: [{ id: '8', mark: 'a' }],
    finds: { ...FINE, lost: 1 },
  },
  {
    name: 'one is lost and another doubled, so that their count is right',
    ledger: {
      acknowledged: new Map([...ACKNOWLEDGED_ORDERS.acknowledged, ['c', { id: 9, sentMs: 100 }]]),
    },
    stored: [A, A],
    finds: { ...FINE, stored: 2, lost: 1, twice: 1 },
  },
  {
    name: 'an order without a mark',
    stored: [A, { id: '8', mark: null }],
    finds: { ...FINE, stored: 2, twice: 1 },
  },
  {
    name: 'an order that was refused',
    stored: [A, { id: '8', mark: 'c' }],
    finds: { ...FINE, stored: 2, unasked: 1 },
  },
  {
    name: 'an order in doubt, of a client that did not ask again',
    ledger: { inDoubt: new Set(['b']) },
    stored: [A, { id: '8', mark: 'b' }],
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
    assert.deepEqual(compare(stored, { ...ACKNOWLEDGED_ORDERS, ...ledger }, sinceMs), finds)
  })
}
