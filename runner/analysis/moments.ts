/** Arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Unbiased sample variance (divisor n - 1); NaN of fewer than two values. */
export function variance(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN
  const centre = mean(values)
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1)
}

/** Pearson's correlation of each value with the next one: about 0 where batches are independent. */
export function lagOneCorrelation(values: readonly number[]): number {
  if (values.length < 3) return 0
  const centre = mean(values)
  const total = values.reduce((sum, value) => sum + (value - centre) ** 2, 0)
  if (total === 0) return 0
  const paired = values
    .slice(1)
    .reduce((sum, value, i) => sum + (value - centre) * ((values[i] ?? centre) - centre), 0)
  return paired / total
}
