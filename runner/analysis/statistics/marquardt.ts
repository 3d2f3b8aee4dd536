/** Residuals at a place, and how each changes with each parameter (a row for each residual). */
export type Linearised = Readonly<{
  residuals: readonly number[]
  jacobian: readonly (readonly number[])[]
}>

export type Least = Readonly<{
  parameters: readonly number[]
  /** Did it stop since no step makes the sum smaller, and not since it had taken as many as it may? */
  converged: boolean
}>

const STEPS = 10
/** Relative: a step that gains less than that has arrived. */
const GAIN = 1e-10
const DAMPING = { first: 1e-3, least: 1e-9, most: 1e12 }

/**
 * Parameters at a least sum of squares, from a start: one of several, where there are several.
 *
 * Source: Marquardt, An algorithm for least-squares estimation of nonlinear parameters, J. SIAM 11(2), 1963.
 */
export function leastFrom(
  start: readonly number[],
  at: (parameters: readonly number[]) => Linearised,
): Least {
  let parameters = start
  let here = at(parameters)
  let sum = sumOfSquares(here.residuals)
  let damping = DAMPING.first
  for (let step = 0; step < STEPS; step += 1) {
    const change = stepFrom(here, damping)
    const next = parameters.map((value, index) => value + (change[index] ?? 0))
    const there = at(next)
    const lower = sumOfSquares(there.residuals)
    if (lower <= sum) {
      const gained = sum - lower
      ;[parameters, here, sum] = [next, there, lower]
      if (gained <= GAIN * (1 + sum)) return { parameters, converged: true }
      damping = Math.max(DAMPING.least, damping / 10)
    } else {
      damping *= 10
      // So short a step that rounding decides: there is nothing lower beside it.
      if (damping > DAMPING.most) return { parameters, converged: true }
    }
  }
  return { parameters, converged: false }
}

/** By index and not by iterators: a report and a search spend most of their time here. */
function stepFrom({ residuals, jacobian }: Linearised, damping: number): number[] {
  const width = jacobian[0]?.length ?? 0
  const right = zeros(width)
  const matrix: number[][] = []
  while (matrix.length < width) matrix.push(zeros(width))
  for (let at = 0; at < jacobian.length; at += 1) {
    const row = jacobian[at] ?? []
    for (let a = 0; a < width; a += 1) {
      const left = row[a] ?? 0
      if (left === 0) continue
      right[a] = (right[a] ?? 0) - left * (residuals[at] ?? 0)
      const line = matrix[a] ?? []
      for (let b = 0; b < width; b += 1) line[b] = (line[b] ?? 0) + left * (row[b] ?? 0)
    }
  }
  for (const [at, line] of matrix.entries()) line[at] = (line[at] ?? 0) * (1 + damping) || 1
  return solve(matrix, right)
}

function zeros(width: number): number[] {
  const all: number[] = []
  while (all.length < width) all.push(0)
  return all
}

/** Gaussian elimination with partial pivoting. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, at) => [...row, right[at] ?? 0])
  const size = rows.length
  for (let column = 0; column < size; column += 1) {
    const below = rows.slice(column).map((row) => Math.abs(row[column] ?? 0))
    const pivotAt = column + below.indexOf(Math.max(...below))
    const pivot = rows[pivotAt] ?? []
    rows[pivotAt] = rows[column] ?? []
    rows[column] = pivot
    for (const [at, row] of rows.entries()) {
      if (at === column) continue
      const factor = (row[column] ?? 0) / (pivot[column] ?? 1)
      for (let k = column; k <= size; k += 1) row[k] = (row[k] ?? 0) - factor * (pivot[k] ?? 0)
    }
  }
  return rows.map((row, at) => (row[size] ?? 0) / (row[at] ?? 1))
}

export const sumOfSquares = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value * value, 0)
