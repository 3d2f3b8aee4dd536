import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leastFrom, type Linearised, sumOfSquares } from './marquardt.ts'

/** Rosenbrock, An automatic method for finding the greatest or least value of a function, 1960: least at 1, 1. */
function valley([x = 0, y = 0]: readonly number[]): Linearised {
  return {
    residuals: [10 * (y - x * x), 1 - x],
    jacobian: [
      [-20 * x, 10],
      [-1, 0],
    ],
  }
}

/** As often as a caller would who goes on until it is there. */
function settled(
  start: readonly number[],
  at: (parameters: readonly number[]) => Linearised,
): readonly number[] {
  let found = leastFrom(start, at)
  for (let times = 0; times < 20 && !found.converged; times += 1)
    found = leastFrom(found.parameters, at)
  assert.ok(found.converged)
  return found.parameters
}

test('a bent valley is followed to its least point', () => {
  const [x = 0, y = 0] = settled([-1.2, 1], valley)
  assert.ok(Math.abs(x - 1) < 1e-4 && Math.abs(y - 1) < 1e-4, `${x}, ${y}`)
})

test('a parameter that changes nothing stays where it was', () => {
  const found = settled([3, 7], ([x = 0]) => ({ residuals: [x - 1], jacobian: [[1, 0]] }))
  assert.deepEqual(
    found.map((value) => Number(value.toFixed(4))),
    [1, 7],
  )
})

test('what has not arrived within its steps says so, and is no worse than the start', () => {
  const { parameters, converged } = leastFrom([-50, 50], valley)
  assert.equal(converged, false)
  assert.ok(sumOfSquares(valley(parameters).residuals) < sumOfSquares(valley([-50, 50]).residuals))
})
