import assert from 'node:assert/strict'
import { test } from 'node:test'
import { thinkTimeOf } from './random.ts'

const HALF_A_SECOND = { min: 500, max: 500 }

const thinkTimes = (users: number): number[] =>
  Array.from({ length: users }, (_, index) => thinkTimeOf(index, HALF_A_SECOND).min)

test('each user has a constant think time, within 1 % of what was asked for', () => {
  for (let index = 0; index < 4000; index += 1) {
    const { min, max } = thinkTimeOf(index, HALF_A_SECOND)
    assert.equal(min, max)
    assert.ok(Number.isInteger(min) && Math.abs(min - 500) <= 5, `${min} ms`)
  }
})

test('together they have what was asked for, however many they are', () => {
  for (const users of [20, 40, 60, 200, 2000]) {
    const mean = thinkTimes(users).reduce((sum, ms) => sum + ms, 0) / users
    assert.ok(Math.abs(mean / 500 - 1) < 0.001, `${users} users: ${mean} ms`)
  }
})

test('a think time that is drawn for each pause, and none at all, stay as they are', () => {
  assert.deepEqual(thinkTimeOf(7, { min: 0, max: 1000 }), { min: 0, max: 1000 })
  assert.deepEqual(thinkTimeOf(7, { min: 0, max: 0 }), { min: 0, max: 0 })
})

/** The most users that send in the same 2 ms, `cycles` after all have sent at once. */
function largestBunch(thinkMs: readonly number[], cycles: number): number {
  const serviceMs = 10
  const bins = new Map<number, number>()
  for (const ms of thinkMs) {
    const bin = Math.floor((cycles * (ms + serviceMs)) / 2)
    bins.set(bin, (bins.get(bin) ?? 0) + 1)
  }
  return Math.max(...bins.values())
}

test('users who were answered together do not stay together', () => {
  const alike = thinkTimes(200).map(() => 500)
  assert.equal(largestBunch(alike, 10), 200, 'with one think time for all, they do')
  assert.ok(largestBunch(thinkTimes(200), 1) < 60)
  assert.ok(largestBunch(thinkTimes(200), 10) < 30)
})
