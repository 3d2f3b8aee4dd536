import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Of postmaster.pid: key and id of the segment. Source: PostgreSQL 12, src/include/utils/pidfile.h. */
const SEGMENT_LINE = 7

/**
 * Removes the System V segment of a server that was killed: the kernel keeps it for ever, and macOS has 32 in
 * all. A server that ended in order has removed it, and the file that names it.
 *
 * @param folder the data folder of a server whose processes are gone
 */
export async function removeSegment(folder: string): Promise<void> {
  const lines = (await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const [, id] = /^\s*\d+\s+(\d+)\s*$/.exec(lines[SEGMENT_LINE - 1] ?? '') ?? []
  // Without ipcrm(1), or where it is gone already, there is nothing to be done.
  if (id !== undefined) await run('ipcrm', ['-m', id]).catch(() => {})
}
