import { studentT } from '../../runner/analysis/student-t.ts'

export type Sample = Readonly<{ atS: number; memoryMb: number }>

export type Slope = Readonly<{
  /** MB at the beginning of the line that was fitted, and at its end. */
  fromMb: number
  toMb: number
  mbPerHour: number
  /** 95 % interval of it. */
  low: number
  high: number
}>

/** Seconds that make one point: longer than from one collection of garbage to the next. */
const BATCH_S = 60
const LEAST_POINTS = 4

/**
 * How memory grows: ordinary least squares through the means of whole minutes, with Student's t for its
 * slope. Memory is a sawtooth of garbage and collections, so consecutive seconds are anything but
 * independent; their means of a minute nearly are (batch means: Law, Simulation Modeling and Analysis,
 * 5th ed. 2015, section 9.5.3).
 *
 * @param leaveOutS so much of the beginning is left out: a heap first grows to the size that its load wants
 * @returns null for fewer than four whole minutes
 */
export function memorySlope(samples: readonly Sample[], leaveOutS: number): Slope | null {
  const points = minutes(samples.filter(({ atS }) => atS >= leaveOutS))
  const n = points.length
  const [first, last] = [points[0], points.at(-1)]
  if (n < LEAST_POINTS || !first || !last) return null
  const meanX = average(points.map(({ atS }) => atS))
  const meanY = average(points.map(({ memoryMb }) => memoryMb))
  const sxx = sum(points.map(({ atS }) => (atS - meanX) ** 2))
  const slope = sum(points.map((at) => (at.atS - meanX) * (at.memoryMb - meanY))) / sxx
  const line = (atS: number): number => meanY + slope * (atS - meanX)
  const rest = sum(points.map(({ atS, memoryMb }) => (memoryMb - line(atS)) ** 2))
  const half = studentT(0.95, n - 2) * Math.sqrt(rest / (n - 2) / sxx)
  return {
    fromMb: line(first.atS),
    toMb: line(last.atS),
    mbPerHour: slope * 3600,
    low: (slope - half) * 3600,
    high: (slope + half) * 3600,
  }
}

/** The mean of each whole minute. */
function minutes(samples: readonly Sample[]): Sample[] {
  const batches = Map.groupBy(samples, ({ atS }) => Math.floor(atS / BATCH_S))
  return [...batches.values()]
    .filter((batch) => batch.length >= 0.9 * BATCH_S)
    .map((batch) => ({
      atS: average(batch.map(({ atS }) => atS)),
      memoryMb: average(batch.map(({ memoryMb }) => memoryMb)),
    }))
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const average = (values: readonly number[]): number => sum(values) / values.length
