import assert from 'node:assert/strict'
import { test } from 'node:test'
import { admission } from './admission.ts'

const LONG_MS = 60_000

test('lets in as many as there are places, then the next in the order they came', async () => {
  const queue = admission(2, 10, LONG_MS)
  const admitted: number[] = []
  const enter = async (n: number): Promise<void> => {
    await queue.enter()
    admitted.push(n)
  }
  const all = [1, 2, 3, 4].map((n) => enter(n))
  await Promise.all(all.slice(0, 2))
  assert.deepEqual(admitted, [1, 2])
  queue.leave()
  await all[2]
  assert.deepEqual(admitted, [1, 2, 3])
  queue.leave()
  await all[3]
  assert.deepEqual(admitted, [1, 2, 3, 4])
})

test('refuses at once when as many wait as may', async () => {
  const queue = admission(1, 1, LONG_MS)
  await queue.enter()
  const waiting = queue.enter()
  await assert.rejects(queue.enter(), { name: 'DatabaseFault', kind: 'busy' })
  queue.leave()
  await waiting
})

test('refuses who waited too long, and does not count him any more', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const queue = admission(1, 1, 100)
  await queue.enter()
  const late = assert.rejects(queue.enter(), { kind: 'busy' })
  t.mock.timers.tick(100)
  await late
  const next = queue.enter()
  queue.leave()
  await next
  queue.leave()
  await queue.enter()
})
