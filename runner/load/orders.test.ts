import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOrderLedger, endOfRefusedOrder } from './orders.ts'

test('an order is in doubt from its sending until its end says otherwise', () => {
  const ledger = createOrderLedger()
  const totals = () => {
    const { ordersAcknowledged, ordersInDoubt, quantityAcknowledged, quantityInDoubt } =
      ledger.totals()
    return [ordersAcknowledged, ordersInDoubt, quantityAcknowledged, quantityInDoubt]
  }
  for (const units of [1, 2, 3, 4]) ledger.sent(units)
  assert.deepEqual(totals(), [0, 4, 0, 10])
  ledger.ended(1, 'acknowledged')
  ledger.ended(2, 'rejected')
  ledger.ended(3, 'in doubt')
  assert.deepEqual(totals(), [1, 2, 1, 7])
})

test('only a 4xx rejects an order; anything else may hide one that was stored', () => {
  const ends = (errors: string[]) => errors.map(endOfRefusedOrder)
  assert.deepEqual(ends(['status-409', 'status-404', 'status-429']), Array(3).fill('rejected'))
  const doubtful = [
    'timeout',
    'connection-lost',
    'invalid-response',
    'invalid-body',
    'status-500',
    'status-502',
    'status-503',
    'status-200',
    'status-302',
  ]
  assert.deepEqual(ends(doubtful), Array(doubtful.length).fill('in doubt'))
})
