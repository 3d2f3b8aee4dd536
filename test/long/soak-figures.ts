import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readRun } from '../../runner/results/read.ts'
import { memorySlope, type Slope } from './memory-slope.ts'

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

/** What a soak is judged by, from the files of its run. */
export async function soakFigures(folder: string): Promise<SoakFigures> {
  const run = await readRun(folder)
  const [trial] = run.trials
  const stage = trial?.stages.at(-1)
  if (!trial || !stage) throw new Error(`${folder}: no stage was measured.`)
  const csv = await readFile(join(folder, 'telemetry.csv'), 'utf8')
  const [head = '', ...lines] = csv.trim().split(/\r?\n/)
  const names = head.split(',')
  const [part, atS, memory] = ['part', 'atS', 'memoryMb'].map((name) => names.indexOf(name))
  const rows = lines.map((line) => line.split(','))
  const slopeOf = (name: string): Slope | null =>
    memorySlope(
      rows
        .filter((row) => row[part ?? -1] === name)
        .map((row) => ({ atS: Number(row[atS ?? -1]), memoryMb: Number(row[memory ?? -1]) })),
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
