import jstat from 'jstat'

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

/** Two-sided critical value of Student's t: |t| stays below it with probability `confidence`. */
export function studentT(confidence: number, degreesOfFreedom: number): number {
  return jstat.jStat.studentt.inv(0.5 + confidence / 2, degreesOfFreedom)
}

/** Probability that Student's t exceeds `t`. */
export function tTail(t: number, degreesOfFreedom: number): number {
  return 1 - jstat.jStat.studentt.cdf(t, degreesOfFreedom)
}

/** Geometric mean of positive figures: the mean on the scale on which ratios are differences. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(mean(values.map(Math.log)))
}

/** The value below which a share of the sample lies (type 7 of Hyndman and Fan, 1996). */
export function quantile(sample: readonly number[], share: number): number {
  const sorted = sample.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  if (below === undefined || above === undefined) return Number.NaN
  return below + (place - Math.floor(place)) * (above - below)
}
