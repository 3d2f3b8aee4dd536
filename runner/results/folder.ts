import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { remedyFor } from './whole-file.ts'

/**
 * Makes the folder of a run: `out` if it is named and empty or absent, else `results/<UTC time>-<profile>`.
 *
 * @param startedAt RFC 3339 UTC
 */
export async function makeFolder(
  out: string | null,
  root: string,
  startedAt: string,
  profile: string,
): Promise<string> {
  const name = `${startedAt.slice(0, 19).replaceAll(':', '-')}Z-${profile}`
  const folder = out ?? join(root, 'results', name)
  const there = await readdir(folder).catch(() => [])
  if (there.length > 0) {
    throw new Error(`${folder} is not empty. Name another folder, or go on with --resume ${folder}.`)
  }
  try {
    await mkdir(join(folder, 'histograms'), { recursive: true })
  } catch (cause) {
    throw new Error(remedyFor(folder, cause), { cause })
  }
  return folder
}
