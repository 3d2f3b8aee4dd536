import { BOUNDS as VALIDITY } from '../analysis/checks/checks.ts'
import type { CalibrationRow, Statistics } from './calibration.ts'

/** How far from the truth the instrument may be. `ratio` applies where it allows more. */
export const CENTRE = { ms: 0.5, ratio: 0 }
export const TAIL = { ms: 2, ratio: 0.01 }
/** From this many users on, about 4,000 requests/s. */
export const CROWD = 2000
export const IN_A_CROWD = { ms: 2, ratio: 0.05 }
export const THINK_RATIO = 0.01
/** Rows of fewer users go at 100 to 120 requests/s. */
export const PACED_USERS = 100
/** CPU seconds for 1,000 requests, at about 120 requests/s. */
export const CPU_S_PER_1000 = 0.15
export const CPU_S_PER_1000_SATURATED = 0.1
export const MEMORY_MB = 200

type Unjudged = Omit<CalibrationRow, 'breaches' | 'saturated'>

/** The same two figures by which a stage of a run is refused as a measurement of its own client. */
export const isSaturated = (
  row: Pick<CalibrationRow, 'cpuCores' | 'eventLoopDelayP99Ms'>,
  idleDelayP99Ms: number,
): boolean =>
  row.cpuCores > VALIDITY['client-cpu'].cores ||
  row.eventLoopDelayP99Ms - idleDelayP99Ms > VALIDITY['client-event-loop'].lateMs

/** The bounds that the row breaks, in words. A crowd's latencies are excused if the client says it is saturated. */
export function breachesOf(row: Unjudged, saturated: boolean): string[] {
  const crowd = row.users >= CROWD
  return [
    ...(crowd && saturated ? [] : latencyBreaches(row, crowd)),
    ...(crowd && saturated ? [] : thinkBreaches(row)),
    ...(crowd ? memoryBreaches(row) : []),
    ...(row.users < PACED_USERS ? cpuBreaches(row.cpuSPer1000, CPU_S_PER_1000) : []),
  ]
}

export const saturationBreaches = (cpuSPer1000: number): string[] =>
  cpuBreaches(cpuSPer1000, CPU_S_PER_1000_SATURATED)

function latencyBreaches({ truth, measured }: Unjudged, crowd: boolean): string[] {
  const checks: readonly (readonly [keyof Statistics, typeof CENTRE])[] = [
    ['meanMs', crowd ? IN_A_CROWD : CENTRE],
    ['p50Ms', crowd ? IN_A_CROWD : CENTRE],
    ['p95Ms', crowd ? IN_A_CROWD : TAIL],
    ['p99Ms', crowd ? IN_A_CROWD : TAIL],
  ]
  return checks.flatMap(([name, allowed]) => {
    const bound = Math.max(allowed.ms, allowed.ratio * truth[name])
    const off = measured[name] - truth[name]
    if (Math.abs(off) <= bound) return []
    return [`${name.slice(0, -2)} is ${off.toFixed(2)} ms off, more than ${bound.toFixed(2)}`]
  })
}

function thinkBreaches({ thinkTrueMs, thinkNominalMs }: Unjudged): string[] {
  const off = thinkTrueMs / thinkNominalMs - 1
  if (Math.abs(off) <= THINK_RATIO) return []
  return [`think time is ${(off * 100).toFixed(2)} % off, more than ${THINK_RATIO * 100} %`]
}

const memoryBreaches = ({ memoryMb }: Unjudged): string[] =>
  memoryMb <= MEMORY_MB ? [] : [`${memoryMb.toFixed(0)} MB of memory, more than ${MEMORY_MB}`]

const cpuBreaches = (figure: number, bound: number): string[] =>
  figure <= bound
    ? []
    : [`${figure.toFixed(3)} CPU-s for 1,000 requests, more than ${bound.toFixed(2)}`]
