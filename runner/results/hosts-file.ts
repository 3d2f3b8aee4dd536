import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { readPlain } from '../foreign/file.ts'
import type { Environment } from '../measurement/environment.ts'
import { writeWhole } from './whole-file.ts'

/** One fit has half a kilobyte. */
const MAX_BYTES = 2 ** 16

/** The speed of a study's hosts on one machine, with the yardstick that carries it to another. */
const HostsFile = Type.Object({
  machine: Type.String(),
  at: Type.String(),
  arm: Type.String(),
  speed: Type.Number({ exclusiveMinimum: 0, maximum: 1024 }),
  ceilingPerS: Type.Number({ exclusiveMinimum: 0 }),
  yardstickMs: Type.Number({ exclusiveMinimum: 0 }),
  periodUs: Type.Integer({ minimum: 1 }),
})
type HostsFile = Type.Static<typeof HostsFile>

const machineOf = ({ cpuModel, cores, platform }: Environment['host']): string =>
  `${cores} × ${cpuModel ?? 'unknown'}, ${platform}`

/** Keeps the fit beside the runs, so that the next one begins from it. */
export async function keepFit(
  path: string,
  host: Environment['host'],
  fit: Omit<HostsFile, 'machine'>,
): Promise<void> {
  await writeWhole(path, `${JSON.stringify({ machine: machineOf(host), ...fit }, null, 1)}\n`)
}

/**
 * The first fit that can be read and was made with this period: this machine's own, then the one that is
 * committed.
 *
 * @returns null if there is none, or only of another period or version
 */
export async function knownFit(
  paths: readonly string[],
  periodUs: number,
): Promise<HostsFile | null> {
  for (const path of paths) {
    try {
      const file: unknown = JSON.parse(await readPlain(path, MAX_BYTES))
      if (Value.Check(HostsFile, file) && file.periodUs === periodUs) return file
    } catch {
      // Not there, or not readable: the next one.
    }
  }
  return null
}
