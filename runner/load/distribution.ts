import { inflateSync } from 'node:zlib'
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

const SIGNIFICANT_DIGITS = 3

/** Grows as larger values come, so an empty one costs little. */
export function createDistribution(): Distribution {
  const histogram = build({
    bitBucketSize: 32,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2 ** 20,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
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

/**
 * Reads such a histogram back. Its text may be of a file that somebody else wrote, so what it takes is
 * bounded before anything is made of it: a megabyte can inflate to a gigabyte, and a count can say that as
 * many cells follow as there are microseconds in a century.
 *
 * @throws if it is no histogram, or wider than one of this kit can be
 */
export function decodeHistogram(text: string): Histogram {
  const bytes = Buffer.from(text, 'base64')
  const deflated = bytes.subarray(COMPRESSED_HEADER, COMPRESSED_HEADER + bytes.readInt32BE(4))
  const inflated = inflateSync(deflated, { maxOutputLength: MAX_INFLATED })
  const counts = inflated.subarray(HEADER)
  const highest = inflated.readBigInt64BE(24)
  const isKnown =
    inflated.readInt32BE(4) === counts.length &&
    inflated.readInt32BE(12) === SIGNIFICANT_DIGITS &&
    inflated.readBigInt64BE(16) === 1n &&
    highest > 1n &&
    highest <= BigInt(2 * LONGEST_US)
  if (!isKnown || cellsOf(counts) > MAX_CELLS) throw new Error('This is no histogram of this kit.')
  return decodeFromCompressedBase64(bytes.toString('base64'))
}

/** Bytes before the counts. Source: HdrHistogram, V2 encoding. */
const [COMPRESSED_HEADER, HEADER] = [8, 40]
/** Of the widest range, with three significant digits: 1,024 cells for each doubling. */
const MAX_CELLS = 40 * 1024
/** A count of a cell takes up to nine bytes. */
const MAX_INFLATED = HEADER + 9 * MAX_CELLS

/** How many cells the counts fill: each is a count, or below zero, that number of empty cells. */
function cellsOf(counts: Buffer): number {
  let cells = 0
  for (let at = 0; at < counts.length;) {
    let [value, scale] = [0, 1]
    for (let size = 1; size <= 9; size += 1) {
      const byte = counts[at] ?? 0
      at += 1
      value += (size < 9 ? byte & 0x7f : byte) * scale
      scale *= 128
      if (size < 9 && byte < 0x80) break
    }
    // Zigzag: the odd ones are below zero.
    cells += value % 2 === 0 ? 1 : (value + 1) / 2
  }
  return cells
}
