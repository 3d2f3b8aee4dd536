import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { Run, RUN_VERSION } from '../measurement/run.ts'

/**
 * Reads a run back.
 *
 * @throws naming the first field that is not as results/schema.json says, or the version it was written in
 */
export async function readRun(folder: string): Promise<Run> {
  const path = join(folder, 'run.json')
  let data: unknown
  try {
    data = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new Error(`${path} is not to be read: is ${folder} the folder of a run?`, { cause })
  }
  const version = (data as { version?: unknown } | null)?.version
  if (version !== RUN_VERSION) {
    throw new Error(
      `${path} is of version ${String(version)}; this samehost reads version ${RUN_VERSION}. ` +
        'Read it with the samehost that wrote it: its commit is in the file.',
    )
  }
  return checkRun(data, path)
}

/** @throws naming the first field that is wrong */
export function checkRun(data: unknown, what: string): Run {
  if (Value.Check(Run, data)) return data
  const [first] = Value.Errors(Run, data)
  throw new Error(`${what}: ${first?.instancePath || '/'} ${first?.message ?? 'is wrong'}.`)
}
