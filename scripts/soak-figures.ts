import { studentT } from '../runner/analysis/statistics/moments.ts'
import { readRun, readTelemetry } from '../runner/results/run-folder.ts'

export type SoakFigures = Readonly<{
  users: number
  holdS: number
  requests: number
  failed: number
  /** Why the stage is invalid; none if it is not. */
  breaches: readonly string[]
  auditPassed: boolean
  slopes: Readonly<Record<'app' | 'runner', Slope | null>>
}>

/** Heaps settle for so long: the optimising compiler, and the size that the collector chooses. */
const SETTLES_S = 240

/** The least that a leak can lose to each request: V8 makes no object smaller than this. */
const SMALLEST_OBJECT_BYTES = 16

/** What a soak is judged by, from the files of its run. @param place its folder or bundle */
export async function soakFigures(place: string): Promise<SoakFigures> {
  const run = await readRun(place)
  const [trial] = run.trials
  const stage = trial?.stages.at(-1)
  if (!trial || !stage) throw new Error(`${place}: no stage was measured.`)
  const rows = await readTelemetry(place)
  const slopeOf = (name: string): Slope | null =>
    memorySlope(
      rows.flatMap(({ part, atS, memoryMb }) =>
        part === name && memoryMb !== null ? [{ atS, memoryMb }] : [],
      ),
      SETTLES_S,
    )
  return {
    users: stage.users,
    holdS: stage.holdS,
    requests: stage.all.requests,
    failed: stage.outcomes.failed,
    breaches: stage.validity.reasons.map(({ text }) => text),
    auditPassed: trial.audit?.passed === true,
    slopes: { app: slopeOf('app'), runner: slopeOf('runner') },
  }
}

/** What did not hold, in words; none if all did. */
export function soakFailures(figures: SoakFigures): string[] {
  const { failed, breaches, auditPassed, slopes } = figures
  const growing = (['app', 'runner'] as const).flatMap((part) => {
    const slope = slopes[part]
    if (!slope) return [`${part}: no figures of its memory`]
    if (bytesPerRequest(slope, figures) < SMALLEST_OBJECT_BYTES) return []
    return [`${part}: its memory may grow with each request, ${inWords(slope)}`]
  })
  return [
    ...(failed > 0 ? [`${failed} requests failed`] : []),
    ...breaches,
    ...(auditPassed ? [] : ['the audit of the orders did not pass']),
    ...growing,
  ]
}

/** A line for the load, and one for each part's memory. */
export function soakText(figures: SoakFigures): string {
  const { users, holdS, requests, failed, slopes } = figures
  const parts = Object.entries(slopes).map(([part, slope]) => {
    const lost = slope && `at most ${bytesPerRequest(slope, figures).toFixed(1)} bytes a request`
    return `${part.padEnd(6)} ${slope ? `${inWords(slope)}; ${lost}` : 'no figures'}`
  })
  const minutes = Math.round(holdS / 60)
  return [
    `${users} users for ${minutes} minutes: ${requests} requests, ${failed} failed`,
    ...parts,
  ].join('\n')
}

/**
 * At most so much is lost to each request, by the upper end of the interval. What a process holds climbs
 * to its high-water mark in ever rarer steps and never comes back, so a slope of just nothing is not to be
 * had; a leak, though, is so many bytes a request.
 */
function bytesPerRequest(
  { high }: Slope,
  { requests, holdS }: Pick<SoakFigures, 'requests' | 'holdS'>,
): number {
  return (high * 1e6) / 3600 / (requests / holdS)
}

function inWords({ fromMb, toMb, mbPerHour, low, high }: Slope): string {
  const [from, to] = [fromMb, toMb].map((mb) => mb.toFixed(1))
  const [slope, least, most] = [mbPerHour, low, high].map((mb) => mb.toFixed(1))
  return `${from} to ${to} MB: ${slope} MB an hour (95 % interval ${least} to ${most})`
}

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
  const points = wholeMinutes(samples.filter(({ atS }) => atS >= leaveOutS))
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
function wholeMinutes(samples: readonly Sample[]): Sample[] {
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
