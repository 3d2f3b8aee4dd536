import { readFile } from 'node:fs/promises'

/** CPU time of the machine since it started, in clock ticks of all its CPUs, or of some, together. */
export type HostTicks = Readonly<{ all: number; idle: number; stolen: number }>

/** user, nice, system, idle, iowait, irq, softirq, steal; what follows is counted in user already. */
const COUNTED = 8
const [IDLE, IOWAIT, STEAL] = [3, 4, 7]

/**
 * Reads `/proc/stat`, which a container sees as its host does.
 *
 * @param cores whose lines are added up; null: the first line, of all of them
 * @returns null where there is none (macOS), or where it counts no steal
 * @see https://man7.org/linux/man-pages/man5/proc_stat.5.html
 */
export async function readHostTicks(
  path = '/proc/stat',
  cores: readonly number[] | null = null,
): Promise<HostTicks | null> {
  return parseHostTicks(await readFile(path, 'utf8').catch(() => ''), cores)
}

export function parseHostTicks(
  text: string,
  cores: readonly number[] | null = null,
): HostTicks | null {
  const lines = text.split('\n')
  if (cores === null) return parseLine(lines[0], 'cpu')
  const found = cores.map((core) => {
    const name = `cpu${core}`
    return parseLine(
      lines.find((line) => line.startsWith(`${name} `)),
      name,
    )
  })
  const read = found.filter((ticks) => ticks !== null)
  if (read.length < found.length) return null
  return {
    all: read.reduce((sum, { all }) => sum + all, 0),
    idle: read.reduce((sum, { idle }) => sum + idle, 0),
    stolen: read.reduce((sum, { stolen }) => sum + stolen, 0),
  }
}

function parseLine(line = '', of: string): HostTicks | null {
  const [name, ...fields] = line.trim().split(/\s+/)
  const ticks = fields.slice(0, COUNTED).map(Number)
  const [idle, iowait, stolen] = [ticks[IDLE], ticks[IOWAIT], ticks[STEAL]]
  if (name !== of || idle === undefined || iowait === undefined || stolen === undefined) return null
  if (!ticks.every(Number.isFinite)) return null
  return { all: ticks.reduce((sum, value) => sum + value, 0), idle: idle + iowait, stolen }
}

const TICK_US = 10_000

/** us. CPU time in which any CPU worked, for this machine and not for its host's others. */
export const busyUs = ({ all, idle, stolen }: HostTicks): number => (all - idle - stolen) * TICK_US

/**
 * The share of the machine's CPU time between two readings that its own host gave to others; null if
 * either could not be read, or no tick passed. 0 on a machine that is not virtual.
 */
export function stolenRatio(from: HostTicks | null, to: HostTicks | null): number | null {
  return share(from, to, ({ stolen }) => stolen)
}

/** The share in which any CPU was not idle, steal included; null as above. */
export function busyRatio(from: HostTicks | null, to: HostTicks | null): number | null {
  return share(from, to, ({ all, idle }) => all - idle)
}

/** Counters of steal and of waiting for disks have been seen to fall: 0 then. */
function share(
  from: HostTicks | null,
  to: HostTicks | null,
  of: (ticks: HostTicks) => number,
): number | null {
  if (from === null || to === null || to.all <= from.all) return null
  return Math.max(0, of(to) - of(from)) / (to.all - from.all)
}
