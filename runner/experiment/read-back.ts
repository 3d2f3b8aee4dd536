import type { Part, Reason } from '../measurement/stage.ts'
import type { PartLimits, Trial } from '../measurement/trial.ts'
import type { Counters } from '../telemetry/counters.ts'
import type { HostLimits } from '../testbed/testbed.ts'

/**
 * What a trial began with and may lose while it runs: the limits of its parts, which anybody on the machine may
 * change, and the counters themselves, which are read through a window that may go away.
 */

const WATCHED = ['app', 'db', 'nginx'] as const satisfies readonly Part[]
type Watched = (typeof WATCHED)[number]

/** Of each part that could be read. */
export function limitsOf(reading: Counters): NonNullable<Trial['limits']> {
  const found = WATCHED.flatMap((part): [Watched, PartLimits][] => {
    const counters = reading[part]
    // Where nothing says what a part may use, nothing can be seen to change.
    if (counters?.cpuLimit === undefined) return []
    const { cpuLimit, memoryLimitBytes: bytes } = counters
    const memoryMb = bytes === null ? null : bytes / 1e6
    return [[part, { ...(cpuLimit ?? { cores: null, periodUs: null }), memoryMb }]]
  })
  return Object.fromEntries(found)
}

/**
 * What each stage of a trial is held to: the CPU limits that were set for it, and else what was read, in an earlier
 * trial of the arm or as this one began.
 *
 * @param set null where the kit sets none
 */
export function limitsToHold(
  began: NonNullable<Trial['limits']>,
  earlier: NonNullable<Trial['limits']>,
  set: Readonly<Partial<Record<Watched, HostLimits>>> | null,
): NonNullable<Trial['limits']> {
  const parts = WATCHED.flatMap((part): [Watched, PartLimits][] => {
    const read = earlier[part] ?? began[part]
    if (read === undefined) return []
    const cpu = set?.[part]
    if (cpu === undefined) return [[part, read]]
    // As the kernel has it: a whole number of microseconds.
    const cores = Math.round(cpu.cores * cpu.periodUs) / cpu.periodUs
    return [[part, { ...read, cores, periodUs: cpu.periodUs }]]
  })
  return Object.fromEntries(parts)
}

/** That nothing says what a host may use which the kit has limited; null where both were read. */
export function limitsUnread(began: NonNullable<Trial['limits']>): string | null {
  const parts = (['app', 'db'] as const).filter((part) => began[part] === undefined)
  if (parts.length === 0) return null
  return `not checked: limits of ${parts.join(' and ')}: they were set, and could not be read as its load began`
}

/**
 * Against a stage, a reason for each part that was limited otherwise in one of its readings than as the trial
 * began.
 */
export function limitsChanged(
  began: NonNullable<Trial['limits']>,
  readings: readonly Counters[],
): Reason[] {
  return WATCHED.flatMap((part): Reason[] => {
    const then = began[part]
    const seen = readings.flatMap((reading) => limitsOf(reading)[part] ?? [])
    const now = seen.findLast((limits) => then !== undefined && textOf(limits) !== textOf(then))
    if (then === undefined || now === undefined) return []
    const text = `the limit of ${part} was changed by somebody else: ${textOf(now)}, and before that ${textOf(then)}`
    const isCpu = now.cores !== then.cores
    const [figure, bound] = isCpu ? [now.cores, then.cores] : [now.memoryMb, then.memoryMb]
    return [{ check: 'limits', figure: figure ?? 0, bound: bound ?? 0, text }]
  })
}

function textOf({ cores, periodUs, memoryMb }: PartLimits): string {
  const cpu =
    cores === null ? 'no CPU limit' : `${Number(cores.toPrecision(4))} cores by ${periodUs} us`
  return `${cpu}, ${memoryMb === null ? 'no memory limit' : `${memoryMb.toFixed(0)} MB`}`
}

/** Parts that were read as the trial began and not at the end of a stage. */
export function lostParts(began: Counters, readings: readonly Counters[]): Watched[] {
  const last = readings.at(-1) ?? {}
  return WATCHED.filter((part) => began[part] !== undefined && last[part] === undefined)
}

/** What a reader must know of figures that stopped within a trial, in a sentence for each set of parts. */
export function lostNotes(
  lost: readonly Readonly<{ users: number; parts: readonly string[] }>[],
): string[] {
  const some = lost.filter(({ parts }) => parts.length > 0)
  const alike = Map.groupBy(some, ({ parts }) => parts.join(', '))
  return [...alike].map(([parts, stages]) => {
    const users = [...new Set(stages.map((stage) => stage.users))].join(', ')
    return (
      `not checked at the end of the stages of ${users} users: CPU, limits and restarts of ${parts}. They could ` +
      'be read as the trial began: is the stats window up (`docker compose logs stats-window`), the process there?'
    )
  })
}
