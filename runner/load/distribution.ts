import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js'

/**
 * Durations. The histogram holds whole microseconds at 3 significant digits (a percentile is off by
 * 0.1 % at most); count, sum and extremes are exact.
 */
export type Distribution = {
  count: number
  sumUs: number
  maxUs: number
  readonly histogram: Histogram
}

/** Longest duration a histogram can tell apart: an hour. Longer ones count as an hour. */
const LONGEST_US = 3600e6

/** Grows as larger values come, so an empty one costs little. */
export function createDistribution(): Distribution {
  const histogram = build({
    bitBucketSize: 32,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2 ** 20,
    numberOfSignificantValueDigits: 3,
  })
  return { count: 0, sumUs: 0, maxUs: 0, histogram }
}

export function record(distribution: Distribution, durationMs: number): void {
  const us = Math.max(0, durationMs * 1000)
  distribution.count += 1
  distribution.sumUs += us
  if (us > distribution.maxUs) distribution.maxUs = us
  distribution.histogram.recordValue(Math.min(LONGEST_US, Math.round(us)))
}

/** A new distribution of all that is in `parts`, which stay as they are. */
export function merge(parts: readonly Distribution[]): Distribution {
  const merged = createDistribution()
  for (const part of parts) {
    merged.count += part.count
    merged.sumUs += part.sumUs
    merged.maxUs = Math.max(merged.maxUs, part.maxUs)
    merged.histogram.add(part.histogram)
  }
  return merged
}

/** ms; null of nothing. */
export const meanMs = ({ count, sumUs }: Distribution): number | null =>
  count === 0 ? null : sumUs / count / 1000

/** ms at `percentile` (0 to 100); null of nothing. */
export const percentileMs = ({ count, histogram }: Distribution, percentile: number) =>
  count === 0 ? null : histogram.getValueAtPercentile(percentile) / 1000

/** ms; null of nothing. */
export const maxMs = ({ count, maxUs }: Distribution): number | null =>
  count === 0 ? null : maxUs / 1000

/** HdrHistogram's V2 compressed encoding in base64, in microseconds: readable by its other tools. */
export const encodeHistogram = ({ histogram }: Distribution): string =>
  encodeIntoCompressedBase64(histogram)

export const decodeHistogram = (text: string): Histogram => decodeFromCompressedBase64(text)
