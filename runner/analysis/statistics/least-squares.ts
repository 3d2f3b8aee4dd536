import jstat from 'jstat'

type Fit = Readonly<{
  coefficients: readonly number[]
  /** Inverse of X'X: times the error's variance it is the covariance of the coefficients. */
  inverse: readonly (readonly number[])[]
  /** Residual sum of squares. */
  residual: number
}>

/** Of a design whose columns tell the coefficients apart no inverse comes near it; a rounded 0 passes it. */
const SINGULAR = 1e6

/**
 * Ordinary least squares by the normal equations, for designs of a few columns of 0, 1 and -1.
 *
 * @param design a row for each observation
 * @returns null if the columns do not tell the coefficients apart
 */
export function leastSquares(
  design: readonly (readonly number[])[],
  y: readonly number[],
): Fit | null {
  const width = design[0]?.length ?? 0
  const columns = Array.from({ length: width }, (_, at) => design.map((row) => row[at] ?? 0))
  const inverse = jstat.jStat.inv(columns.map((a) => columns.map((b) => dot(a, b))))
  if (!inverse.flat().every((value) => Math.abs(value) < SINGULAR)) return null
  const right = columns.map((column) => dot(column, y))
  const coefficients = inverse.map((row) => dot(row, right))
  const residual = design.reduce((sum, row, at) => {
    return sum + ((y[at] ?? 0) - dot(row, coefficients)) ** 2
  }, 0)
  return { coefficients, inverse, residual }
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)
}
