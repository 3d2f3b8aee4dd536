import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../load/random.ts'
import { schedule } from './plan.ts'

const ARMS = ['a', 'b', 'c']

test('every second round runs in reverse, so that each arm has the same mean position', () => {
  for (const seed of [1, 2, 3]) {
    const planned = schedule(ARMS, 4, createRandom(seed))
    for (const arm of ARMS) {
      const orders = planned.filter((trial) => trial.arm === arm).map((trial) => trial.order)
      assert.equal(orders[0]! + orders[1]!, 5, `${arm} of seed ${seed}`)
      assert.equal(orders[2]! + orders[3]!, 17, `${arm} of seed ${seed}`)
    }
  }
})

test('the seed alone decides the order', () => {
  const order = (seed: number) => schedule(ARMS, 3, createRandom(seed)).map((trial) => trial.arm)
  assert.deepEqual(order(7), order(7))
  const orders = new Set(Array.from({ length: 50 }, (_, seed) => order(seed).join('')))
  assert.equal(orders.size > 6, true, 'different seeds give different orders')
})

test('each arm has each of its trials once, in order', () => {
  const planned = schedule(ARMS, 2, createRandom(1))
  assert.deepEqual(
    planned.map((trial) => trial.order),
    [0, 1, 2, 3, 4, 5],
  )
  for (const arm of ARMS) {
    const indexes = planned.filter((trial) => trial.arm === arm).map((trial) => trial.index)
    assert.deepEqual(indexes, [0, 1])
  }
})
