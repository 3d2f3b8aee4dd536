import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Second } from '../measurement/figures.ts'
import { isPrecise, isSettled, mserCut } from './steady.ts'
import { normal, seeded } from '../../test/fixtures/random.ts'

const THINK_MS = 500
const secondsOf = (means: readonly (number | null)[]): Second[] =>
  means.map((meanMs, atS) => ({ atS, requests: 100, failed: 0, meanMs }))

test('far below the knee two seconds settle it, whatever their noise: the cycle hardly moves', () => {
  assert.equal(isSettled(secondsOf([5, 9]), THINK_MS), true)
  assert.equal(isSettled(secondsOf([5]), THINK_MS), false)
})

test('a latency that still climbs is not settled', () => {
  assert.equal(isSettled(secondsOf([20, 40, 60, 80, 100, 120]), THINK_MS), false)
})

test('a transient is cut off, and what follows is settled', () => {
  const series = [400, 200, 100, 101, 99, 100, 101, 100]
  assert.equal(mserCut(series), 2)
  assert.equal(isSettled(secondsOf(series), THINK_MS), true)
})

test('a transient that fills over half of what was seen is waited for', () => {
  assert.equal(isSettled(secondsOf([400, 350, 300, 100, 101]), THINK_MS), false)
})

test('a second without an answer says nothing', () => {
  assert.equal(isSettled(secondsOf([null, null, null]), THINK_MS), false)
  assert.equal(isPrecise(secondsOf([null, null, null]), THINK_MS), false)
})

test('a quiet window is precise at once, a noisy one near the crossing grows', () => {
  const random = seeded(3)
  const noisy = (length: number, sd: number) =>
    secondsOf(Array.from({ length }, () => 100 * (1 + sd * normal(random))))
  assert.equal(isPrecise(noisy(8, 0.003), THINK_MS), true)
  assert.equal(isPrecise(noisy(6, 0.003), THINK_MS), false)
  const few = [4, 5, 4, 5].map((meanMs, atS) => ({ atS, requests: 40, failed: 0, meanMs }))
  assert.equal(isPrecise(few, THINK_MS), true)
  assert.equal(isPrecise(noisy(8, 0.2), THINK_MS), false)
  assert.equal(isPrecise(noisy(60, 0.1), THINK_MS), true)
})
